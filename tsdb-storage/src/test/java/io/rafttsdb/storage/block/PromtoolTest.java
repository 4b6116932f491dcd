package io.rafttsdb.storage.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafttsdb.storage.block.RandomSeries.Sample;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Blocks of ours in the promtool of a real Prometheus, and its blocks here. Skipped where there is
 * none: {@link Promtool} says where it is looked for.
 */
class PromtoolTest {

  private static final Ulid ULID = Ulid.parse("01HF7XKM00000000000000000B");

  @TempDir private Path directory;

  private static List<Promtool> promtools() {
    List<Promtool> all = Promtool.all();
    assumeTrue(!all.isEmpty(), Promtool.NONE);
    return all;
  }

  @Test
  void promtoolReadsOurBlock() throws Exception {
    List<Promtool> promtools = promtools();
    SortedMap<Labels, List<Sample>> series = new RandomSeries(7).exactly(40);
    Files.createDirectory(directory.resolve("wal")); // the dump of 2.42 wants one
    RandomSeries.write(directory, ULID, series);
    for (Promtool promtool : promtools) {
      assertThat(promtool.run(directory, "tsdb", "list", directory.toString()))
          .contains(ULID.toString());
      assertThat(promtool.run(directory, "tsdb", "analyze", directory.toString()))
          .contains(ULID.toString())
          .containsPattern("(?i)series:\\s+" + series.size() + "\\b");
      String dump = promtool.run(directory, "tsdb", "dump", directory.toString());
      assertThat(dumped(dump)).as("dump of %s", promtool).isEqualTo(lines(series));
    }
  }

  /** Dumped lines by series and time, with the values as Java prints them. */
  private static SortedMap<String, String> dumped(String dump) {
    SortedMap<String, String> lines = new TreeMap<>();
    // A newline in a label value is escaped, so a line is a sample.
    for (String line : dump.split("\n", -1)) {
      if (!line.isEmpty()) {
        int time = line.lastIndexOf(' ');
        int value = line.lastIndexOf(' ', time - 1);
        lines.put(
            line.substring(0, value) + line.substring(time),
            Double.toString(parse(line.substring(value + 1, time))));
      }
    }
    return lines;
  }

  private static double parse(String value) {
    return switch (value) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(value);
    };
  }

  private static SortedMap<String, String> lines(SortedMap<Labels, List<Sample>> series) {
    SortedMap<String, String> lines = new TreeMap<>();
    series.forEach((labels, samples) -> {
      for (Sample sample : samples) {
        lines.put(
            labels + " " + sample.timestampMs(),
            Double.toString(Double.longBitsToDouble(sample.valueBits())));
      }
    });
    return lines;
  }

  @Test
  void weReadItsBlocks() throws Exception {
    for (Promtool promtool : promtools()) {
      SortedMap<Labels, List<Sample>> series = openMetricsSeries();
      Path text = Files.createTempFile(directory, "series", ".txt");
      Files.writeString(text, openMetrics(series));
      Path blocks = Files.createTempDirectory(directory, "blocks");
      promtool.run(
          directory,
          "tsdb",
          "create-blocks-from",
          "openmetrics",
          text.toString(),
          blocks.toString());
      List<Path> created;
      try (Stream<Path> files = Files.list(blocks)) {
        created =
            files.filter(file -> Ulid.isUlid(file.getFileName().toString())).sorted().toList();
      }
      assertThat(created).hasSizeGreaterThan(1);
      SortedMap<Labels, List<Sample>> found = new TreeMap<>();
      for (Path path : created) {
        BlockVerifier.verify(path, bytes -> {});
        assertReads(path, found);
      }
      found
          .values()
          .forEach(
              samples -> samples.sort((a, b) -> Long.compare(a.timestampMs(), b.timestampMs())));
      assertThat(found).as("blocks of %s", promtool).isEqualTo(series);
    }
  }

  private static void assertReads(Path path, SortedMap<Labels, List<Sample>> found)
      throws IOException {
    try (Block block = Block.open(path);
        Lease lease = block.acquire()) {
      Map<Labels, List<Sample>> all = BlockTest.all(lease.block());
      long samples = all.values().stream().mapToLong(List::size).sum();
      assertThat(block.meta().stats().samples()).isEqualTo(samples);
      assertThat(Files.readAllBytes(path.resolve("meta.json")))
          .isEqualTo(BlockMetaJson.write(block.meta()));
      all.forEach(
          (labels, part) -> found.computeIfAbsent(labels, none -> new ArrayList<>()).addAll(part));
    }
  }

  /** Series over several block ranges, with values that the text form holds exactly. */
  private static SortedMap<Labels, List<Sample>> openMetricsSeries() {
    SplittableRandom random = new SplittableRandom(11);
    SortedMap<Labels, List<Sample>> series = new TreeMap<>();
    for (int i = 0; i < 20; i++) {
      List<Sample> samples = new ArrayList<>();
      long timestampMs = RandomSeries.START_MS + i * 1000L;
      for (int n = 0; n < 700; n++) {
        double value = i % 2 == 0 ? n * 3 : random.nextDouble();
        samples.add(new Sample(timestampMs, Double.doubleToRawLongBits(value)));
        timestampMs += 15_000;
      }
      series.put(
          Labels.of("__name__", "gauge", "i", "v" + i, "zone", i % 3 == 0 ? "é" : "b\"\\\n"),
          samples);
    }
    return series;
  }

  private static String openMetrics(SortedMap<Labels, List<Sample>> series) {
    StringBuilder text = new StringBuilder("# TYPE gauge gauge\n");
    for (int n = 0; n < 700; n++) {
      for (Map.Entry<Labels, List<Sample>> entry : series.entrySet()) {
        Sample sample = entry.getValue().get(n);
        Labels labels = entry.getKey();
        text.append("gauge")
            .append(labels.without("__name__").toString().replace(", ", ","))
            .append(' ')
            .append(Double.longBitsToDouble(sample.valueBits()))
            .append(' ')
            .append(sample.timestampMs() / 1000)
            .append('.')
            .append(String.valueOf(1000 + sample.timestampMs() % 1000).substring(1))
            .append('\n');
      }
    }
    return text.append("# EOF\n").toString();
  }
}

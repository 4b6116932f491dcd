package io.rafttsdb.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafttsdb.storage.block.Promtool;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.Blocks;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real scrapes take no more room in blocks than Prometheus needs for the same. */
final class RecordedSizeTest {

  private static final Settings SETTINGS = new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0);

  @TempDir private Path directory;

  private record Size(long chunkBytes, long indexBytes) {
    static Size of(Path blocks) throws IOException {
      long chunks = 0;
      long index = 0;
      try (Stream<Path> files = Files.walk(blocks)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          if (String.valueOf(file.getParent()).endsWith("chunks")) {
            chunks += Files.size(file);
          } else if (file.endsWith("index")) {
            index += Files.size(file);
          }
        }
      }
      return new Size(chunks, index);
    }

    String perSample(long samples) {
      return String.format(
          Locale.ROOT,
          "%.3f bytes a sample of chunks, %.3f of index",
          (double) chunkBytes / samples,
          (double) indexBytes / samples);
    }
  }

  @Test
  void theyTakeNoMoreRoomThanInPrometheus() throws Exception {
    List<Promtool> promtools = Promtool.all();
    if (promtools.isEmpty()) {
      System.out.println(Promtool.NONE);
    }
    assumeTrue(!promtools.isEmpty(), Promtool.NONE);
    SortedMap<Labels, SortedMap<Long, Long>> recorded = RecordedScrapes.read();
    long samples = recorded.values().stream().mapToLong(Map::size).sum();
    Size ours = Size.of(ours(recorded));
    System.out.printf("%d recorded samples here: %s%n", samples, ours.perSample(samples));
    for (Promtool promtool : promtools) {
      Size theirs = Size.of(theirs(recorded, promtool));
      System.out.printf("by %s: %s%n", promtool.program(), theirs.perSample(samples));
      assertThat(ours.indexBytes).as("%s", promtool).isLessThanOrEqualTo(theirs.indexBytes);
      if (promtool.run(directory, "--version").contains("version 3")) { // 2.x cuts chunks elsewhere
        assertThat(ours.chunkBytes).as("%s", promtool).isLessThanOrEqualTo(theirs.chunkBytes);
      }
    }
  }

  private Path ours(SortedMap<Labels, SortedMap<Long, Long>> recorded)
      throws IOException, InterruptedException {
    Tsdb tsdb = new Tsdb();
    tsdb.configure(SETTINGS);
    SortedMap<Long, SampleBatch.Builder> scrapes = new TreeMap<>();
    recorded.forEach((labels, series) ->
        series.forEach((timestampMs, bits) ->
            scrapes
                .computeIfAbsent(timestampMs, t -> new SampleBatch.Builder())
                .series(labels)
                .sample(timestampMs, bits)));
    long index = 0;
    for (SampleBatch.Builder scrape : scrapes.values()) {
      tsdb.append(scrape.build());
      tsdb.publish(++index);
    }
    Path blocks = Files.createDirectory(directory.resolve("ours"));
    try (FrozenTsdb frozen = tsdb.freeze()) {
      frozen.writeBlocks(
          new LocalDisk(), blocks, Blocks.NONE, Optional.of(new Ulid(1, 1)), bytes -> {});
    }
    return blocks;
  }

  private Path theirs(SortedMap<Labels, SortedMap<Long, Long>> recorded, Promtool promtool)
      throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    recorded.forEach((labels, series) -> {
      String name = labels.get(Labels.METRIC_NAME) + openMetrics(labels);
      series.forEach((timestampMs, bits) ->
          lines.add(
              name
                  + " "
                  + number(Double.longBitsToDouble(bits))
                  + " "
                  + BigDecimal.valueOf(timestampMs, 3).toPlainString()));
    });
    lines.add("# EOF\n");
    Path text = Files.createTempFile(directory, "recorded", ".txt");
    Files.writeString(text, String.join("\n", lines), UTF_8);
    Path blocks = Files.createTempDirectory(directory, "theirs");
    promtool.run(
        directory, "tsdb", "create-blocks-from", "openmetrics", text + "", blocks.toString());
    return blocks;
  }

  private static String openMetrics(Labels labels) {
    StringBuilder text = new StringBuilder("{");
    labels.forEach((name, value) -> {
      if (!name.equals(Labels.METRIC_NAME)) {
        text.append(text.length() > 1 ? "," : "")
            .append(name)
            .append("=\"")
            .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
            .append('"');
      }
    });
    return text.append('}').toString();
  }

  private static String number(double value) {
    return Double.isInfinite(value) ? (value > 0 ? "+Inf" : "-Inf") : Double.toString(value);
  }
}

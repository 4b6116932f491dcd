package io.rafttsdb.storage.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.block.Promtool;
import io.rafttsdb.storage.merge.RandomParts;
import io.rafttsdb.storage.merge.RandomParts.Part;
import io.rafttsdb.storage.merge.Sample;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.Samples;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Blocks that were compacted here, overlaps and deletions among them, in the hands of a real
 * Prometheus. Skipped where there is none; {@link Promtool} says where it is looked for.
 */
class PrometheusReadsBlocksTest {

  private static final long START_MS = 1_699_999_920_000L;
  private static final long RANGE_MS = 10_000;
  private static final double HOUR_LATER_SECONDS = START_MS / 1000.0 + 3600;

  @TempDir private Path directory;

  private final List<Part> parts = new ArrayList<>();

  private static List<Promtool> promtools() {
    List<Promtool> all = Promtool.all();
    if (all.isEmpty()) {
      System.out.println(Promtool.NONE);
    }
    assumeTrue(!all.isEmpty(), Promtool.NONE);
    return all;
  }

  /** Three blocks of the same time become one; another after them stays. */
  private ManifestBlocks compacted(RandomParts source) throws Exception {
    Files.createDirectory(directory.resolve("wal")); // the dump of 2.42 wants one
    ManifestBlocks blocks = new ManifestBlocks(directory);
    for (int i = 0; i < 4; i++) {
      long minMs = START_MS + (i == 3 ? 2 : 0) * RANGE_MS;
      Part part = source.part(12, minMs, minMs + RANGE_MS);
      parts.add(i == 3 ? part.withoutDeletions() : part);
      blocks.add(parts.getLast(), minMs, minMs + RANGE_MS);
    }
    blocks.compact(blocks.manifest().subList(0, 3).stream().map(BlockMeta::ulid).toList());
    assertThat(blocks.manifest()).hasSize(2);
    return blocks;
  }

  private SortedMap<Labels, SortedMap<Long, Sample>> expected() {
    return RandomParts.seen(parts, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void promtoolDumpsTheSamples(long seed) throws Exception {
    List<Promtool> promtools = promtools();
    compacted(RandomParts.ofFloats(new SplittableRandom(seed)));
    SortedMap<String, Double> expected = new TreeMap<>();
    expected()
        .forEach((labels, samples) ->
            samples.forEach((timestampMs, sample) ->
                expected.put(labels + " " + timestampMs, Double.longBitsToDouble(sample.bits()))));
    for (Promtool promtool : promtools) {
      SortedMap<String, Double> dumped = new TreeMap<>();
      promtool
          .run(directory, "tsdb", "dump", directory.toString())
          .lines()
          .forEach(line -> {
            int time = line.lastIndexOf(' ');
            int value = line.lastIndexOf(' ', time - 1);
            dumped.put(
                line.substring(0, value) + line.substring(time),
                number(line.substring(value + 1, time)));
          });
      assertThat(dumped).as("dump of %s", promtool).isEqualTo(expected);
    }
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  @Test
  void promtoolAnalyzesTheBlocks() throws Exception {
    List<Promtool> promtools = promtools();
    ManifestBlocks blocks = compacted(new RandomParts(new SplittableRandom(3)));
    for (Promtool promtool : promtools) {
      for (BlockMeta meta : blocks.manifest()) {
        assertThat(
                promtool.run(
                    directory, "tsdb", "analyze", directory.toString(), meta.ulid().toString()))
            .contains(meta.ulid().toString())
            .containsPattern("(?i)series:\\s+" + meta.stats().series() + "\\b");
      }
      assertThat(promtool.run(directory, "tsdb", "list", directory.toString()))
          .contains(blocks.manifest().stream().map(meta -> meta.ulid().toString()).toList());
    }
  }

  @Test
  void aServerAnswersWithTheSamples() throws Exception {
    List<Promtool> promtools = promtools();
    compacted(RandomParts.ofFloats(new SplittableRandom(4)));
    for (Promtool promtool : promtools) {
      assertServerAnswers(promtool);
    }
  }

  /** From version 3 on; earlier ones know no custom buckets. */
  @Test
  void aServerAnswersWithTheHistograms() throws Exception {
    List<Promtool> promtools = new ArrayList<>();
    for (Promtool promtool : promtools()) {
      if (promtool.run(directory, "--version").startsWith("promtool, version 3")) {
        promtools.add(promtool);
      }
    }
    assumeTrue(!promtools.isEmpty(), "skipped: no Prometheus 3");
    compacted(new RandomParts(new SplittableRandom(5)));
    for (Promtool promtool : promtools) {
      assertServerAnswers(promtool);
    }
  }

  private void assertServerAnswers(Promtool promtool) throws Exception {
    Path program = promtool.program().resolveSibling("prometheus");
    try (StockPrometheus prometheus = StockPrometheus.start(program, directory)) {
      SortedMap<Labels, SortedMap<Long, String>> found =
          prometheus.query("{__name__=~\".+\"}[1h]", HOUR_LATER_SECONDS);
      SortedMap<Labels, SortedMap<Long, String>> rounded = new TreeMap<>();
      found.forEach((labels, samples) -> {
        SortedMap<Long, String> values = new TreeMap<>();
        samples.forEach((timestampMs, text) -> values.put(timestampMs, canonical(text)));
        rounded.put(labels, values);
      });
      assertThat(rounded).as("answer of %s", program).isEqualTo(answered());
    }
  }

  /** Numbers as Java prints them. */
  private static String canonical(String text) {
    int slash = text.indexOf('/');
    return slash < 0
        ? Double.toString(number(text))
        : number(text.substring(0, slash)) + "/" + number(text.substring(slash + 1));
  }

  /** All samples but the stale markers. */
  private SortedMap<Labels, SortedMap<Long, String>> answered() {
    SortedMap<Labels, SortedMap<Long, String>> answer = new TreeMap<>();
    expected()
        .forEach((labels, samples) -> {
          SortedMap<Long, String> values = new TreeMap<>();
          samples.forEach((timestampMs, sample) -> {
            NativeHistogram histogram = sample.histogram();
            boolean isStale =
                histogram == null ? sample.bits() == Samples.STALE : histogram.isStale();
            if (!isStale) {
              values.put(timestampMs, text(sample));
            }
          });
          if (!values.isEmpty()) {
            answer.put(labels, values);
          }
        });
    return answer;
  }

  private static String text(Sample sample) {
    return switch (sample.histogram()) {
      case null -> Double.toString(Double.longBitsToDouble(sample.bits()));
      case IntegerHistogram integer ->
          (double) integer.count() + "/" + Double.longBitsToDouble(integer.sumBits());
      case FloatHistogram floats ->
          Double.longBitsToDouble(floats.countBits())
              + "/"
              + Double.longBitsToDouble(floats.sumBits());
    };
  }
}

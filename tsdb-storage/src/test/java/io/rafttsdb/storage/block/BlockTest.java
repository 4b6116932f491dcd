package io.rafttsdb.storage.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.block.RandomSeries.Sample;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks of random series against a plain map of the same series. */
class BlockTest {

  private static final Ulid ULID = Ulid.parse("01HF7XKM00000000000000000A");

  private static final String[] EXPRESSIONS = {
    "a",
    "a|b",
    "ab.*",
    ".*",
    ".+",
    "",
    "a|",
    "[ab]+",
    "host-.*",
    "host-1.",
    "metric_(1|2)",
    "(a|é)",
    "(?i)A",
    "metric_[0-2]",
    "日.*",
    "host-1|host-2|nothing",
    "a?",
  };

  @TempDir private Path directory;

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 12), new SplittableRandom().longs(4).map(Math::abs));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void returnsWhatWasWritten(long seed) throws IOException {
    SortedMap<Labels, List<Sample>> series = new RandomSeries(seed).next(80);
    long segmentBytes = seed % 3 == 0 ? 2_000 : BlockWriter.SEGMENT_BYTES_MAX;
    Path written = RandomSeries.write(new ForgetfulDisk(), directory, ULID, series, segmentBytes);

    try (Block block = Block.open(written);
        Lease lease = block.acquire()) {
      assertThat(all(lease.block())).isEqualTo(series);
      List<String> symbols = new ArrayList<>();
      block.symbols().forEachRemaining(symbols::add);
      List<String> expected = new ArrayList<>(RandomSeries.symbols(series.keySet()));
      expected.addFirst("");
      assertThat(symbols).isEqualTo(expected);
      long samples = series.values().stream().mapToLong(List::size).sum();
      assertThat(block.meta().stats().samples()).isEqualTo(samples);
      assertThat(block.meta().stats().floatSamples()).isEqualTo(samples);
      assertThat(block.meta().stats().series()).isEqualTo(series.size());
      long sizeBytes = Files.size(written.resolve("index"));
      for (Path segment : Block.segmentFiles(written)) {
        sizeBytes += Files.size(segment);
      }
      assertThat(block.sizeBytes()).isEqualTo(sizeBytes);
      assertThat(block.meta()).isEqualTo(BlockMetaJson.read(written.resolve("meta.json")));
    }
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(written);
    }
  }

  static SortedMap<Labels, List<Sample>> all(ChunkSource source) throws IOException {
    SortedMap<Labels, List<Sample>> all = new TreeMap<>();
    Labels previous = null;
    for (Iterator<ChunkSeries> it = source.series(); it.hasNext(); ) {
      ChunkSeries next = it.next();
      assertThat(previous == null || previous.compareTo(next.labels()) < 0).isTrue();
      previous = next.labels();
      all.put(next.labels(), samples(next));
    }
    return all;
  }

  static List<Sample> samples(ChunkSeries series) throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (ChunkPointer pointer : series.chunks()) {
      List<Sample> chunk = RandomSeries.samples(pointer.load());
      assertThat(chunk.getFirst().timestampMs()).isEqualTo(pointer.minMs());
      assertThat(chunk.getLast().timestampMs()).isEqualTo(pointer.maxMs());
      samples.addAll(chunk);
    }
    return samples;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void selectsAsAPlainMapDoes(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(~seed);
    SortedMap<Labels, List<Sample>> series = new RandomSeries(seed).next(120);
    Path written = RandomSeries.write(directory, ULID, series);
    try (Block block = Block.open(written);
        Lease lease = block.acquire()) {
      for (int i = 0; i < 40; i++) {
        List<Matcher> matchers = matchers(random);
        long fromMs = RandomSeries.START_MS + random.nextLong(-1000, RandomSeries.RANGE_MS);
        long toMs = fromMs + random.nextLong(RandomSeries.RANGE_MS);
        if (i % 4 == 0) {
          fromMs = Long.MIN_VALUE;
          toMs = Long.MAX_VALUE;
        }
        assertSelected(lease.block(), series, matchers, fromMs, toMs);
      }
    }
  }

  private static void assertSelected(
      Block block,
      SortedMap<Labels, List<Sample>> series,
      List<Matcher> matchers,
      long fromMs,
      long toMs)
      throws IOException {
    SortedMap<Labels, List<Sample>> expected = new TreeMap<>();
    SortedSet<String> names = new TreeSet<>();
    SortedMap<String, SortedSet<String>> values = new TreeMap<>();
    for (Map.Entry<Labels, List<Sample>> entry : series.entrySet()) {
      Labels labels = entry.getKey();
      if (matchers.stream().allMatch(m -> m.matches(labels.get(m.name())))) {
        List<Sample> kept = inRange(entry.getValue(), fromMs, toMs);
        if (!kept.isEmpty()) {
          expected.put(labels, kept);
          labels.forEach((name, value) -> {
            names.add(name);
            values.computeIfAbsent(name, none -> new TreeSet<>()).add(value);
          });
        }
      }
    }
    SortedMap<Labels, List<Sample>> found = new TreeMap<>();
    for (ChunkSeries next : block.select(matchers, fromMs, toMs, Integer.MAX_VALUE)) {
      found.put(next.labels(), samples(next));
    }
    assertThat(found).as("%s in [%d, %d]", matchers, fromMs, toMs).isEqualTo(expected);
    assertThat(block.labelNames(matchers, fromMs, toMs)).containsExactlyElementsOf(names);
    for (String name : List.of("__name__", "instance", "l1", "nothing")) {
      assertThat(block.labelValues(name, matchers, fromMs, toMs))
          .doesNotHaveDuplicates()
          .containsExactlyElementsOf(
              RandomSeries.sorted(values.getOrDefault(name, new TreeSet<>())));
    }
    if (!expected.isEmpty()) {
      assertThatThrownBy(() -> block.select(matchers, fromMs, toMs, expected.size() - 1))
          .isInstanceOf(LimitExceeded.class);
    }
  }

  /** The samples of the chunks that reach into a range. */
  private static List<Sample> inRange(List<Sample> samples, long fromMs, long toMs) {
    List<Sample> kept = new ArrayList<>();
    for (int start = 0; start < samples.size(); start += 120) {
      List<Sample> chunk = samples.subList(start, Math.min(start + 120, samples.size()));
      if (chunk.getFirst().timestampMs() <= toMs && chunk.getLast().timestampMs() >= fromMs) {
        kept.addAll(chunk);
      }
    }
    return kept;
  }

  private static List<Matcher> matchers(SplittableRandom random) {
    List<Matcher> matchers = new ArrayList<>();
    Matcher.Type[] types = Matcher.Type.values();
    String[] names = {"__name__", "instance", "l0", "l1", "l2", "nothing"};
    for (int i = random.nextInt(4); i > 0; i--) {
      Matcher.Type type = types[random.nextInt(types.length)];
      String value = EXPRESSIONS[random.nextInt(EXPRESSIONS.length)];
      matchers.add(new Matcher(type, names[random.nextInt(names.length)], value));
    }
    return matchers;
  }
}

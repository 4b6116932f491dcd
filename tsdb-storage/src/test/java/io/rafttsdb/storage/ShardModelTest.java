package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.ShardNode.Chunks;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestChange;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Long random histories of one shard on two nodes: the same entries on both, and on each of them
 * the work in the background (building, compacting, forgetting, deleting files, snapshots and
 * restarts) at moments of its own; one of them brings its full chunks to disk, the other keeps them
 * in memory. Samples are floats and histograms, in order and out of it. After each entry both
 * answer what a simple model answers, and every block that both have built has the same bytes. More
 * histories: {@code -Drafttsdb.shard.histories=100}.
 */
final class ShardModelTest {

  private static final long R = 60_000;
  private static final long WINDOW_MS = 2 * R;

  /** From this number on the lower half of names of parts that came out of order. */
  private static final long LATE = 100;

  private static final int ENTRIES = 300;
  private static final int SERIES = 12;
  private static final long START_MS = 1_700_000_000_000L;

  /** End of an empty past in half of the histories; no multiple of R, before all in order. */
  private static final long RESTORED_MS = START_MS - 6_000;

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, Integer.getInteger("rafttsdb.shard.histories", 3)),
        new Random().longs(1));
  }

  /** What a shard holds: samples by series, as {@link NumberedHistograms} has their numbers. */
  private static final class Model {
    final Map<Labels, TreeMap<Long, Long>> samples = new TreeMap<>();
    final Map<Labels, Long> newestMs = new TreeMap<>();

    /** What was ever stored. */
    final Map<Labels, TreeSet<Long>> times = new TreeMap<>();

    final List<Interval> deleted = new ArrayList<>();
    long maxMs = START_MS;

    void put(Labels labels, long timestampMs, long number) {
      samples.computeIfAbsent(labels, key -> new TreeMap<>()).put(timestampMs, number);
      times.computeIfAbsent(labels, key -> new TreeSet<>()).add(timestampMs);
      newestMs.merge(labels, timestampMs, Math::max);
      maxMs = Math.max(maxMs, timestampMs);
    }

    /** Whether a late sample is sure to be stored and seen. */
    boolean takesLate(Labels labels, long timestampMs) {
      return timestampMs >= maxMs - WINDOW_MS
          && !times.getOrDefault(labels, new TreeSet<>()).contains(timestampMs)
          && deleted.stream()
              .noneMatch(each -> each.minMs() <= timestampMs && timestampMs <= each.maxMs());
    }

    void delete(Matcher matcher, long minMs, long maxMs) {
      deleted.add(new Interval(minMs, maxMs));
      samples.forEach((labels, series) -> {
        if (matcher.matches(labels.get(matcher.name()))) {
          series.subMap(minMs, true, maxMs, true).clear();
        }
      });
    }

    void dropRange(long minMs, long endMs) {
      samples.values().forEach(series -> series.subMap(minMs, endMs).clear());
    }
  }

  private static Labels labels(int series) {
    return Labels.of("__name__", "m" + series % 3, "n", Integer.toString(series));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void twoNodesAnswerLikeTheModelAndBuildTheSameBytes(long seed, @TempDir Path directory)
      throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    Model model = new Model();
    Map<Ulid, BlockFacts> facts = new HashMap<>();
    try (ShardNode one =
            new ShardNode(directory.resolve("one"), random.split(), facts, Chunks.IN_MEMORY);
        ShardNode two =
            new ShardNode(directory.resolve("two"), random.split(), facts, Chunks.ON_DISK)) {
      List<ShardNode> nodes = List.of(one, two);
      nodes.forEach(node -> node.tsdb().configure(new Settings(R, WINDOW_MS)));
      if (random.nextBoolean()) {
        assertThat(same(nodes, node -> node.tsdb().restore(RESTORED_MS, RESTORED_MS - 1)))
            .isInstanceOf(ManifestChange.Accepted.class);
      }
      long clockMs = START_MS;
      for (long index = 1; index <= ENTRIES; index++) {
        clockMs += random.nextInt(15_000);
        entry(model, nodes, facts, random, clockMs, index);
        for (ShardNode node : nodes) {
          node.tsdb().publish(index);
        }
        for (ShardNode node : nodes) {
          node.background();
        }
        assertThat(two.chunkFileCount()).isLessThan(40);
        if (random.nextInt(4) == 0 || index == ENTRIES) {
          for (ShardNode node : nodes) {
            check(model, node, random);
          }
        }
      }
      assertThat(one.tsdb().manifest()).isEqualTo(two.tsdb().manifest());
      assertThat(one.stateHash()).isEqualTo(two.stateHash());
      assertThat(one.tsdb().stats()).isEqualTo(two.tsdb().stats());
      assertThat(facts).hasSizeGreaterThan(20);
      assertThat(two.spilledCount()).isGreaterThan(200);
      assertThat(facts.keySet()).anyMatch(ulid -> ulid.low() >= LATE);
    }
  }

  /** One log entry on all nodes and in the model. */
  private static void entry(
      Model model,
      List<ShardNode> nodes,
      Map<Ulid, BlockFacts> facts,
      SplittableRandom random,
      long clockMs,
      long index)
      throws IOException {
    Manifest manifest = nodes.getFirst().tsdb().manifest();
    switch (random.nextInt(9)) {
      case 0 -> cut(model, nodes, random, index);
      case 8 -> cutOutOfOrder(nodes, index);
      case 1, 2 -> built(nodes, manifest, facts);
      case 3 -> {
        List<Ulid> sources = run(manifest, random);
        same(nodes, node -> node.tsdb().compact(new Ulid(index, 7), sources).toString());
      }
      case 4 -> {
        if (random.nextInt(6) == 0) {
          drop(model, nodes, manifest);
        } else if (random.nextInt(2) == 0) {
          delete(model, nodes, random);
        }
      }
      default -> append(model, nodes, random, clockMs);
    }
  }

  private interface Command {
    Object on(ShardNode node) throws IOException;
  }

  /** Gives a command to all nodes, which come to the same. */
  private static Object same(List<ShardNode> nodes, Command command) throws IOException {
    Object result = command.on(nodes.getFirst());
    for (ShardNode node : nodes.subList(1, nodes.size())) {
      assertThat(command.on(node)).isEqualTo(result);
    }
    return result;
  }

  private static void append(
      Model model, List<ShardNode> nodes, SplittableRandom random, long clockMs)
      throws IOException {
    SampleBatch.Builder batch = new SampleBatch.Builder();
    for (int series = 0; series < SERIES; series++) {
      if (random.nextInt(3) > 0) {
        continue;
      }
      Labels labels = labels(series);
      batch.series(labels);
      long t = clockMs - random.nextInt(5_000);
      for (int i = random.nextInt(5); i >= 0; i--) {
        boolean isNewer = t > model.newestMs.getOrDefault(labels, Long.MIN_VALUE);
        if (isNewer && t >= model.maxMs - R / 2) {
          model.put(labels, t, add(batch, t, random));
        }
        t += 1 + random.nextInt(3_000);
      }
      long newestMs = model.newestMs.getOrDefault(labels, clockMs);
      for (int i = random.nextInt(4); i > 0; i--) {
        long lateMs = newestMs - 1 - random.nextLong(R);
        if (model.takesLate(labels, lateMs)) {
          model.put(labels, lateMs, add(batch, lateMs, random));
        }
      }
    }
    SampleBatch built = batch.build();
    Object result = same(nodes, node -> node.tsdb().append(built));
    assertThat(result)
        .isInstanceOfSatisfying(
            AppendResult.Judged.class, judged -> assertThat(judged.refusedCount()).isZero());
  }

  /** Adds a float or a histogram, and returns its number. */
  private static long add(SampleBatch.Builder batch, long timestampMs, SplittableRandom random) {
    if (random.nextInt(3) == 0) {
      NativeHistogram histogram = NumberedHistograms.of(random.nextInt(99));
      batch.histogram(timestampMs, histogram);
      return NumberedHistograms.numberOf(histogram);
    }
    long bits = random.nextInt(3) == 0 ? random.nextLong() : timestampMs % 7;
    batch.sample(timestampMs, bits);
    return bits;
  }

  private static void cutOutOfOrder(List<ShardNode> nodes, long index) throws IOException {
    Tsdb tsdb = nodes.getFirst().tsdb();
    List<SealedRange> ranges = new ArrayList<>();
    for (long fromMs : tsdb.outOfOrderRanges()) {
      if (fromMs + R <= tsdb.sealedUpToMs()) {
        Ulid ulid = new Ulid(index, LATE + ranges.size());
        ranges.add(new SealedRange(ulid, SealedRange.Kind.OUT_OF_ORDER, fromMs, fromMs + R));
      }
    }
    same(nodes, node -> node.tsdb().cutOutOfOrder(ranges));
  }

  private static void cut(Model model, List<ShardNode> nodes, SplittableRandom random, long index)
      throws IOException {
    long behindMs = model.maxMs - R / 2;
    long upToMs = Math.floorDiv(behindMs, R) * R - random.nextInt(2) * R;
    Object result = same(nodes, node -> node.tsdb().cut(upToMs, new Ulid(index, 1)));
    assertThat(result).isInstanceOf(CutResult.class);
  }

  /** Enters blocks that a node has built: two of two are not waited for, as any node may lag. */
  private static void built(List<ShardNode> nodes, Manifest manifest, Map<Ulid, BlockFacts> facts)
      throws IOException {
    for (ManifestPart part : manifest.parts()) {
      BlockFacts known = facts.get(part.ulid());
      if (!part.isBuilt() && known != null) {
        same(nodes, node -> node.tsdb().built(part.ulid(), known).toString());
      }
    }
    for (var ordered : manifest.compactions()) {
      BlockFacts known = facts.get(ordered.result());
      // The parents of a result stand in for it on the other node, but not for their own results.
      boolean everywhere = nodes.stream().allMatch(node -> node.hasAll(ordered.sources()));
      if (known != null && everywhere) {
        same(nodes, node -> node.tsdb().built(ordered.result(), known).toString());
      }
    }
  }

  /** Some neighbours of the manifest. */
  private static List<Ulid> run(Manifest manifest, SplittableRandom random) {
    List<Ulid> names = manifest.parts().stream().map(ManifestPart::ulid).toList();
    if (names.isEmpty()) {
      return List.of();
    }
    int start = random.nextInt(names.size());
    return names.subList(start, Math.min(names.size(), start + 1 + random.nextInt(3)));
  }

  private static void drop(Model model, List<ShardNode> nodes, Manifest manifest)
      throws IOException {
    if (manifest.parts().isEmpty() || !manifest.parts().getFirst().isBuilt()) {
      return;
    }
    ManifestPart oldest = manifest.parts().getFirst();
    boolean isAlone =
        manifest.parts().stream()
            .noneMatch(part ->
                !part.ulid().equals(oldest.ulid())
                    && part.minMs() < oldest.endMs()
                    && oldest.minMs() < part.endMs());
    boolean isAllThere =
        nodes.getFirst().tsdb().outOfOrderRanges().stream()
            .noneMatch(fromMs -> fromMs < oldest.endMs() && oldest.minMs() < fromMs + R);
    if (!isAlone || !isAllThere) {
      return; // the model knows samples by their times only
    }
    Object result = same(nodes, node -> node.tsdb().drop(List.of(oldest.ulid())).getClass());
    assertThat(result).isEqualTo(ManifestChange.Accepted.class);
    model.dropRange(oldest.minMs(), oldest.endMs());
  }

  private static void delete(Model model, List<ShardNode> nodes, SplittableRandom random)
      throws IOException {
    Matcher matcher =
        random.nextBoolean()
            ? new Matcher(Matcher.Type.EQUAL, "n", Integer.toString(random.nextInt(SERIES)))
            : new Matcher(Matcher.Type.REGEX, "__name__", "m[01]");
    long minMs = model.maxMs - random.nextInt(8 * (int) R);
    long maxMs = minMs + random.nextInt(2 * (int) R);
    Object result =
        same(nodes, node -> node.tsdb().delete(List.of(matcher), minMs, maxMs).getClass());
    assertThat(result).isEqualTo(ManifestChange.Accepted.class);
    model.delete(matcher, minMs, maxMs);
  }

  private static void check(Model model, ShardNode node, SplittableRandom random) {
    long fromMs = model.maxMs - random.nextInt(20 * (int) R);
    long toMs = random.nextBoolean() ? Long.MAX_VALUE : fromMs + random.nextInt(5 * (int) R);
    List<Matcher> matchers =
        random.nextBoolean()
            ? List.of()
            : List.of(new Matcher(Matcher.Type.EQUAL, "__name__", "m" + random.nextInt(3)));
    Selection selection = new Selection(matchers, fromMs, toMs);
    TreeSet<Labels> must = new TreeSet<>();
    try (Capture capture = node.tsdb().select(List.of(selection), Integer.MAX_VALUE)) {
      Map<Labels, Map<Long, Long>> found = new TreeMap<>();
      for (SeriesView view : capture.series().getFirst()) {
        assertThat(found.put(view.labels(), samples(view))).isNull();
      }
      model.samples.forEach((labels, samples) -> {
        Map<Long, Long> expected = samples.subMap(fromMs, true, toMs, true);
        if (matchers.stream().allMatch(m -> m.matches(labels.get(m.name())))
            && !expected.isEmpty()) {
          must.add(labels);
          assertThat(found.remove(labels)).as("%s of %s", labels, node).isEqualTo(expected);
        }
      });
      assertThat(found.values()).as("series without samples there").allMatch(Map::isEmpty);
    }
    assertThat(node.tsdb().series(List.of(selection))).containsAll(must);
    List<String> values = new ArrayList<>();
    must.forEach(labels -> values.add(labels.get("n")));
    assertThat(node.tsdb().labelValues("n", List.of(selection))).containsAll(values);
  }

  private static Map<Long, Long> samples(SeriesView view) {
    Map<Long, Long> samples = new TreeMap<>();
    for (SampleCursor cursor = view.samples(); cursor.next(); ) {
      assertThat(samples.put(cursor.timestampMs(), NumberedHistograms.numberAt(cursor))).isNull();
    }
    return samples;
  }
}

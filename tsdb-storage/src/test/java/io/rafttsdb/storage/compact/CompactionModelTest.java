package io.rafttsdb.storage.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.merge.RandomParts;
import io.rafttsdb.storage.merge.RandomParts.Part;
import io.rafttsdb.storage.merge.Sample;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Ulid;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random blocks on disk that overlap, hold other values at the same times and have deletions, are
 * compacted in random groups or as the planner says: no step changes what a query sees. More rounds
 * by -Draft-tsdb.compaction.seeds=200.
 */
class CompactionModelTest {

  private static final long START_MS = 1_699_999_920_000L; // a multiple of the longest range
  private static final long RANGE_MS = 10_000;
  private static final BlockRanges RANGES = BlockRanges.of(RANGE_MS, 2, 80 * RANGE_MS);
  private static final int SERIES = 6;
  private static final int SEEDS = Integer.getInteger("raft-tsdb.compaction.seeds", 6);

  @TempDir private Path directory;

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, SEEDS), new SplittableRandom().longs(SEEDS / 4).map(Math::abs));
  }

  private final List<Part> parts = new ArrayList<>();

  private void add(ManifestBlocks blocks, Part part, long minMs, long endMs) throws Exception {
    parts.add(part);
    blocks.add(part, minMs, endMs);
  }

  private SortedMap<Labels, SortedMap<Long, Sample>> expected() {
    return RandomParts.seen(parts, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void anyGroupsOfNeighboursGiveTheSame(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    RandomParts source = new RandomParts(random);
    ManifestBlocks blocks = new ManifestBlocks(directory);
    for (int i = 1 + random.nextInt(6); i >= 0; i--) {
      long minMs = START_MS + random.nextLong(3) * RANGE_MS;
      long endMs = minMs + RANGE_MS * (1 + random.nextLong(2));
      add(blocks, source.part(SERIES, minMs, endMs), minMs, endMs);
    }
    SortedMap<Labels, SortedMap<Long, Sample>> expected = expected();
    assertThat(blocks.samples(Long.MIN_VALUE, Long.MAX_VALUE)).isEqualTo(expected);
    while (blocks.manifest().size() > 1) {
      List<Ulid> manifest = blocks.manifest().stream().map(BlockMeta::ulid).toList();
      int from = random.nextInt(manifest.size());
      int to = Math.min(manifest.size(), from + 1 + random.nextInt(3));
      blocks.compact(manifest.subList(from, to));
      assertThat(blocks.samples(Long.MIN_VALUE, Long.MAX_VALUE)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatThePlannerOrdersChangesNothing(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    RandomParts source = new RandomParts(random);
    ManifestBlocks blocks = new ManifestBlocks(directory);
    for (int i = 4 + random.nextInt(8); i >= 0; i--) {
      long minMs = START_MS + random.nextLong(12) * RANGE_MS;
      add(blocks, source.part(SERIES, minMs, minMs + RANGE_MS), minMs, minMs + RANGE_MS);
    }
    SortedMap<Labels, SortedMap<Long, Sample>> expected = expected();
    for (int steps = 0; ; steps++) {
      assertThat(steps).isLessThan(50);
      assertThat(blocks.samples(Long.MIN_VALUE, Long.MAX_VALUE)).isEqualTo(expected);
      CompactionPlan plan = CompactionPlanner.plan(blocks.entries(), RANGES).orElse(null);
      if (plan == null) {
        break;
      }
      blocks.compact(plan.sources());
    }
  }

  /** The same steps in two directories at the same time; every file is the same after each. */
  @ParameterizedTest
  @MethodSource("seeds")
  void theSameInputsGiveTheSameBytes(long seed) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<List<SortedMap<String, String>>>> runs = new ArrayList<>();
      for (String name : List.of("one", "another")) {
        Path blocks = Files.createDirectory(directory.resolve(name));
        runs.add(threads.submit(() -> filesAfterSteps(seed, blocks)));
      }
      assertThat(runs.getFirst().get()).isNotEmpty().isEqualTo(runs.getLast().get());
    }
  }

  private static List<SortedMap<String, String>> filesAfterSteps(long seed, Path path)
      throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    RandomParts source = new RandomParts(random);
    ManifestBlocks blocks = new ManifestBlocks(path);
    for (int i = 0; i < 4; i++) {
      long minMs = START_MS + random.nextLong(2) * RANGE_MS / 2;
      blocks.add(source.part(SERIES, minMs, minMs + RANGE_MS), minMs, minMs + RANGE_MS);
    }
    List<SortedMap<String, String>> files = new ArrayList<>();
    files.add(ManifestBlocks.filesOf(path));
    while (blocks.manifest().size() > 1) {
      List<Ulid> manifest = blocks.manifest().stream().map(BlockMeta::ulid).toList();
      blocks.compact(manifest.subList(0, 2));
      files.add(ManifestBlocks.filesOf(path));
    }
    return files;
  }
}

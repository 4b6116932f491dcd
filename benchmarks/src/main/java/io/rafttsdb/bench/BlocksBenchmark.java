package io.rafttsdb.bench;

import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.compact.BlockEntry;
import io.rafttsdb.storage.compact.BlockRanges;
import io.rafttsdb.storage.compact.CompactionPlan;
import io.rafttsdb.storage.compact.CompactionPlanner;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.compact.Compactor.Source;
import io.rafttsdb.storage.compact.Pace;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.merge.SeriesMerge;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes the devops series into blocks, compacts them and reads them back; then gives the same
 * samples to a Prometheus and compares the room that its blocks take: {@code benchmarks/run
 * blocks}.
 */
final class BlocksBenchmark {

  private static final long RANGE_MS = Settings.BLOCK_RANGE_DEFAULT_MS;
  private static final int STEPS_PER_RANGE = (int) (RANGE_MS / Workload.STEP_MS);

  private final BlocksOptions options;
  private final Path blocks;
  private final Compactor compactor;
  private final long endMs;
  private long ulids;

  private BlocksBenchmark(BlocksOptions options, InstantSource clock) throws IOException {
    this.options = options;
    this.blocks = options.data().resolve("blocks");
    this.compactor = new Compactor(new LocalDisk(), blocks, Pace.UNBOUNDED);
    this.endMs = clock.millis() / RANGE_MS * RANGE_MS;
    new LocalDisk().delete(blocks);
    Files.createDirectories(blocks);
  }

  /**
   * Runs the benchmark.
   *
   * @param arguments {@code --series N}, {@code --hours N}, {@code --data DIR}
   */
  public static void main(String[] arguments) throws Exception {
    BlocksOptions options = BlocksOptions.parse(arguments);
    new BlocksBenchmark(options, InstantSource.system()).run();
  }

  private void run() throws IOException, InterruptedException {
    long startMs = endMs - options.steps() * Workload.STEP_MS;
    System.out.printf(Locale.ROOT, "%,d series, %d hours%n", options.series(), options.hours());
    List<BlockMeta> metas = writeBlocks(startMs);
    BlockFigures written = BlockFigures.of(paths(metas));
    readBlocks("read", metas);
    metas = compact(metas);
    BlockFigures compacted = BlockFigures.of(paths(metas));
    readBlocks("read, compacted", metas);
    mergeOverlap(startMs);
    System.out.println(written.line("raft-tsdb, blocks of 2 h"));
    System.out.println(compacted.line("raft-tsdb, compacted"));
    new PrometheusBlocks(options, endMs).run();
  }

  private Ulid nextUlid() {
    ulids++;
    return new Ulid(ulids, 0);
  }

  private List<Path> paths(List<BlockMeta> metas) {
    return metas.stream().map(meta -> blocks.resolve(meta.ulid().toString())).toList();
  }

  /** Values of all series in order; the same that requests to a Prometheus have. */
  private List<DevopsValues> values() {
    List<DevopsValues> groups = new ArrayList<>();
    for (int first = 0; first < options.series(); first += BlocksOptions.SAMPLES_PER_REQUEST) {
      groups.add(new DevopsValues(first, BlocksOptions.SAMPLES_PER_REQUEST));
    }
    return groups;
  }

  private static void append(WindowOfChunks window, List<DevopsValues> groups, long timestampMs) {
    int number = 0;
    for (DevopsValues group : groups) {
      group.step();
      for (int i = 0; i < group.count(); i++) {
        window.append(number++, timestampMs, group.get(i));
      }
    }
  }

  private List<BlockMeta> writeBlocks(long startMs) throws IOException, InterruptedException {
    Timing timing = new Timing("write");
    WindowOfChunks window = new WindowOfChunks(options.series(), RANGE_MS);
    List<DevopsValues> groups = values();
    List<BlockMeta> metas = new ArrayList<>();
    for (long fromMs = startMs; fromMs < endMs; fromMs += RANGE_MS) {
      window.clear();
      for (int step = 0; step < STEPS_PER_RANGE; step++) {
        append(window, groups, fromMs + step * Workload.STEP_MS);
      }
      timing.start();
      BlockMeta meta =
          compactor.build(nextUlid(), window, fromMs, fromMs + RANGE_MS, List.of()).orElseThrow();
      timing.stop(window.samples(), BlockFigures.of(paths(List.of(meta))).bytes());
      metas.add(meta);
    }
    timing.print();
    return metas;
  }

  /** Until the planner has nothing left; the newest block stays as it is. */
  private List<BlockMeta> compact(List<BlockMeta> metas) throws IOException, InterruptedException {
    Timing timing = new Timing("compact");
    List<BlockMeta> present = new ArrayList<>(metas);
    BlockRanges ranges = BlockRanges.of(RANGE_MS, BlockRanges.FACTOR_DEFAULT);
    while (true) {
      Optional<CompactionPlan> plan =
          CompactionPlanner.plan(present.stream().map(BlocksBenchmark::entry).toList(), ranges);
      if (plan.isEmpty()) {
        break;
      }
      List<BlockMeta> sources =
          present.stream().filter(meta -> plan.get().sources().contains(meta.ulid())).toList();
      BlockMeta merged = compact(timing, sources);
      present.set(present.indexOf(sources.getFirst()), merged);
      present.removeAll(sources);
    }
    timing.print();
    return present;
  }

  private static BlockEntry entry(BlockMeta meta) {
    return new BlockEntry(
        meta.ulid(),
        meta.minMs(),
        meta.endMs(),
        meta.compaction().level(),
        meta.stats().series(),
        meta.stats().tombstones(),
        0,
        false);
  }

  private BlockMeta compact(Timing timing, List<BlockMeta> metas)
      throws IOException, InterruptedException {
    List<Block> opened = new ArrayList<>();
    List<Lease> leases = new ArrayList<>();
    try {
      List<Source> sources = new ArrayList<>();
      for (Path path : paths(metas)) {
        Block block = Block.open(path);
        opened.add(block);
        leases.add(block.acquire());
        sources.add(new Source(block.meta(), block));
      }
      timing.start();
      BlockMeta merged = compactor.compact(nextUlid(), sources).orElseThrow();
      timing.stop(merged.stats().samples(), BlockFigures.of(paths(metas)).bytes());
      return merged;
    } finally {
      leases.forEach(Lease::close);
      opened.forEach(Block::close);
    }
  }

  /** The hard case: two blocks of which every chunk overlaps one of the other. */
  private void mergeOverlap(long startMs) throws IOException, InterruptedException {
    List<DevopsValues> groups = values();
    WindowOfChunks even = new WindowOfChunks(options.series(), RANGE_MS);
    WindowOfChunks odd = new WindowOfChunks(options.series(), RANGE_MS);
    for (int step = 0; step < STEPS_PER_RANGE; step++) {
      append(step % 2 == 0 ? even : odd, groups, startMs + step * Workload.STEP_MS);
    }
    List<BlockMeta> metas = new ArrayList<>();
    for (WindowOfChunks half : List.of(even, odd)) {
      metas.add(
          compactor.build(nextUlid(), half, startMs, startMs + RANGE_MS, List.of()).orElseThrow());
    }
    Timing timing = new Timing("compact, all overlapping");
    compact(timing, metas);
    timing.print();
  }

  private void readBlocks(String name, List<BlockMeta> metas) throws IOException {
    Timing timing = new Timing(name);
    long checksum = 0;
    for (Path path : paths(metas)) {
      try (Block block = Block.open(path);
          Lease lease = block.acquire()) {
        timing.start();
        for (Iterator<ChunkSeries> all = lease.block().series(); all.hasNext(); ) {
          SampleCursor samples =
              SeriesMerge.cursor(List.of(all.next()), Long.MIN_VALUE, Long.MAX_VALUE);
          while (samples.next()) {
            checksum += samples.timestampMs() ^ samples.valueBits();
          }
        }
        timing.stop(block.meta().stats().samples(), BlockFigures.of(List.of(path)).bytes());
      }
    }
    timing.print();
    if (checksum == 0) {
      throw new IllegalStateException("nothing was read");
    }
  }

  /** Adds up what some work took. */
  private static final class Timing {
    private final String name;
    private long startedNs;
    private long tookNs;
    private long samples;
    private long bytes;

    Timing(String name) {
      this.name = name;
    }

    void start() {
      startedNs = System.nanoTime();
    }

    void stop(long moreSamples, long moreBytes) {
      tookNs += System.nanoTime() - startedNs;
      samples += moreSamples;
      bytes += moreBytes;
    }

    void print() {
      double seconds = tookNs / 1e9;
      System.out.printf(
          Locale.ROOT,
          "%-26s %8.2f s  %,14.0f samples/s  %7.1f MB/s%n",
          name,
          seconds,
          samples / seconds,
          bytes / 1e6 / seconds);
    }
  }
}

package io.rafttsdb.bench;

import io.rafttsdb.storage.ChunksHead;
import io.rafttsdb.storage.FrozenTsdb;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What a Head with many devops series takes of memory, before and after its full chunks were
 * brought to disk, and how long apply stands still for what concerns all series: {@code
 * benchmarks/run head}.
 */
final class HeadBenchmark {

  private static final long RANGE_MS = Settings.BLOCK_RANGE_DEFAULT_MS;
  private static final long START_MS = BenchSeries.START_MS / RANGE_MS * RANGE_MS;
  private static final long BORDER_MS = START_MS + RANGE_MS;
  private static final Ulid PART = new Ulid(1, 1);
  private static final double NANOS_PER_MS = 1e6;

  private final HeadOptions options;
  private final Tsdb tsdb;
  private final long[] refs;
  private final double[] values;
  private final SplittableRandom random = new SplittableRandom(1);
  private final SampleBatch.Builder batch = new SampleBatch.Builder();
  private long index;

  private HeadBenchmark(HeadOptions options) throws IOException {
    this.options = options;
    Files.createDirectories(options.data());
    new LocalDisk().delete(snapshot());
    this.tsdb = Tsdb.empty(chunks());
    this.refs = new long[options.series()];
    this.values = new double[options.series()];
  }

  private Path snapshot() {
    return options.data().resolve("snapshot");
  }

  private ChunksHead chunks() {
    return new ChunksHead(options.data().resolve("chunks_head"), Runnable::run);
  }

  /**
   * Runs the benchmark.
   *
   * @param arguments {@code --series N}, {@code --samples N}, {@code --classes N}, {@code --data
   *     DIR}
   */
  public static void main(String[] arguments) throws Exception {
    new HeadBenchmark(HeadOptions.parse(arguments)).run();
  }

  private void run() throws IOException, JMException {
    System.out.printf(
        Locale.ROOT, "%,d series of %d samples%n", options.series(), options.samples());
    Memory before = Memory.now();
    fill();
    Memory filled = Memory.now();
    long start = System.nanoTime();
    int spilled = tsdb.spill();
    System.out.printf(
        Locale.ROOT, "%,d full chunks brought to disk in %.1f s%n", spilled, secondsSince(start));
    Memory left = Memory.now();
    System.out.println(filled.line("all in memory", before, options.series()));
    System.out.println(left.line("full chunks on disk", before, options.series()));
    classes();
    standstills();
    snapshots();
  }

  private void fill() throws IOException {
    tsdb.configure(new Settings(RANGE_MS, 2 * RANGE_MS));
    for (int step = 0; step < options.samples(); step++) {
      for (int i = 0; i < options.series(); i++) {
        if (DevopsSeries.isCounter(i)) {
          values[i] += random.nextInt(1000);
        } else if (random.nextInt(10) != 0) {
          values[i] = Math.clamp(values[i] + random.nextInt(-200, 201) / 100.0, 0, 100);
        }
        if (step == 0) {
          batch.series(BenchSeries.labels(i));
        } else {
          batch.series(refs[i]);
        }
        batch.sample(START_MS + step * Workload.STEP_MS, Double.doubleToRawLongBits(values[i]));
        if (batch.rowCount() == HeadOptions.SERIES_PER_REQUEST) {
          append();
        }
      }
      for (int i = 0; step == 0 && i < options.series(); i++) {
        refs[i] = tsdb.refOf(BenchSeries.labels(i));
      }
    }
  }

  private void append() {
    tsdb.append(batch.build());
    publish();
  }

  private void publish() {
    tsdb.publish(++index);
  }

  /** What of a process is taken, after a full collection. */
  private record Memory(long heapBytes, long directBytes) {

    static Memory now() {
      System.gc();
      System.gc();
      long direct = 0;
      for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
        direct += pool.getName().equals("direct") ? pool.getMemoryUsed() : 0;
      }
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      return new Memory(heap, direct);
    }

    String line(String what, Memory before, int series) {
      return String.format(
          Locale.ROOT,
          "%-22s %6.0f bytes of heap, %4.0f direct, a series",
          what,
          (double) (heapBytes - before.heapBytes) / series,
          (double) (directBytes - before.directBytes) / series);
    }
  }

  private void classes() throws JMException {
    if (options.classes() > 0) {
      Object histogram =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
      histogram.toString().lines().limit(options.classes()).forEach(System.out::println);
    }
  }

  private interface Step {
    Object run() throws IOException;
  }

  private static void timed(String what, Step step) throws IOException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long startCpu = threads.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    Object result = step.run();
    System.out.printf(
        Locale.ROOT,
        "%-34s %8.1f ms, %8.1f ms of CPU  %s%n",
        what,
        (System.nanoTime() - start) / NANOS_PER_MS,
        (threads.getCurrentThreadCpuTime() - startCpu) / NANOS_PER_MS,
        result.getClass().getSimpleName());
  }

  private static double secondsSince(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  /** What concerns all series. */
  private void standstills() throws IOException {
    for (int i = 1; i <= 4; i++) {
      timed(
          "freeze, time " + i,
          () -> {
            try (FrozenTsdb frozen = tsdb.freeze()) {
              return frozen;
            }
          });
    }
    timed("delete of all series", () -> tsdb.delete(List.of(), START_MS, START_MS + 10_000));
    publish();
  }

  private void snapshots() throws IOException {
    byte[] hash;
    try (FrozenTsdb frozen = tsdb.freeze()) {
      timed("state hash", frozen::stateHash);
      Files.createDirectories(snapshot());
      timed("snapshot written", () -> frozen.writeSnapshot(snapshot()));
      hash = frozen.stateHash();
    }
    System.out.printf(
        Locale.ROOT,
        "image of %,d MiB%n",
        Files.size(snapshot().resolve(FrozenTsdb.IMAGE_NAME)) >> 20);
    cuts();
    tsdb.close();
    timed(
        "snapshot loaded, with its files",
        () -> {
          try (Tsdb loaded = Tsdb.load(snapshot(), chunks());
              FrozenTsdb frozen = loaded.freeze()) {
            if (!Arrays.equals(frozen.stateHash(), hash)) {
              throw new IllegalStateException("another state hash than before");
            }
            return loaded;
          }
        });
  }

  private void cuts() throws IOException {
    for (int i = 0; i < options.series(); i++) {
      batch.series(refs[i]).sample(START_MS + 1, 1);
      if (batch.rowCount() == HeadOptions.SERIES_PER_REQUEST) {
        append();
      }
    }
    batch.series(refs[0]).sample(BORDER_MS + RANGE_MS, 1);
    append();
    timed("cut", () -> tsdb.cut(BORDER_MS, PART));
    publish();
    tsdb.built(PART, new BlockFacts(new Digest(1, 2, 3, 4), 1, 1, 1, 1));
    publish();
    SealedRange late =
        new SealedRange(new Ulid(2, 2), SealedRange.Kind.OUT_OF_ORDER, START_MS, BORDER_MS);
    timed("cut of what came out of order", () -> tsdb.cutOutOfOrder(List.of(late)));
    publish();
  }
}

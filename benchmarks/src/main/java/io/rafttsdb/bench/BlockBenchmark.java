package io.rafttsdb.bench;

import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.compact.Pace;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.merge.SeriesMerge;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Reading a mapped block of 2 hours: 200 hosts with 100 series each. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BlockBenchmark {

  private static final int SERIES = 20_000;
  private static final int HOSTS = SERIES / DevopsSeries.SERIES_PER_HOST;
  private static final long RANGE_MS = Settings.BLOCK_RANGE_DEFAULT_MS;
  private static final int STEPS = (int) (RANGE_MS / Workload.STEP_MS);
  private static final long START_MS = BenchSeries.START_MS / RANGE_MS * RANGE_MS;

  private final List<Matcher> oneSeries =
      List.of(equal("__name__", "cpu_usage_user"), equal("hostname", "host_7"));
  private final List<Matcher> oneRegion =
      List.of(
          equal("__name__", "net_bytes_recv"),
          equal("interface", "eth0"),
          equal("region", "us-east-1"),
          equal("job", "devops"));
  private final List<Matcher> hostsByRegex =
      List.of(equal("__name__", "cpu_usage_user"), matching("hostname", "host_1[0-9]+"));
  private final List<Matcher> namesByRegex =
      List.of(matching("__name__", "cpu_usage_(user|system|idle)"), matching("rack", ".+"));
  private final List<Matcher> gauge = List.of(equal("__name__", "cpu_usage_user"));

  private Path directory = Path.of("");
  private Block block;
  private Lease lease;

  private static Matcher equal(String name, String value) {
    return new Matcher(Matcher.Type.EQUAL, name, value);
  }

  private static Matcher matching(String name, String pattern) {
    return new Matcher(Matcher.Type.REGEX, name, pattern);
  }

  /** Writes the block and opens it. */
  @Setup
  public void write() throws IOException, InterruptedException {
    directory = Files.createTempDirectory("blocks");
    WindowOfChunks window = new WindowOfChunks(SERIES, RANGE_MS);
    DevopsValues values = new DevopsValues(0, SERIES);
    for (int step = 0; step < STEPS; step++) {
      values.step();
      for (int i = 0; i < SERIES; i++) {
        window.append(i, START_MS + step * Workload.STEP_MS, values.get(i));
      }
    }
    Ulid ulid = new Ulid(1, 0);
    new Compactor(new LocalDisk(), directory, Pace.UNBOUNDED)
        .build(ulid, window, START_MS, START_MS + RANGE_MS, List.of());
    block = Block.open(directory.resolve(ulid.toString()));
    lease = block.acquire();
  }

  /** Closes the block and deletes it. */
  @TearDown
  public void delete() throws IOException {
    lease.close();
    block.close();
    new LocalDisk().delete(directory);
  }

  private List<ChunkSeries> select(List<Matcher> matchers) throws IOException {
    return block.select(matchers, START_MS, START_MS + RANGE_MS, SERIES);
  }

  /** Two postings lists, one series in common. */
  @Benchmark
  public List<ChunkSeries> selectOneSeries() throws IOException {
    return select(oneSeries);
  }

  /** Four postings lists, the longest of all series; 23 series. */
  @Benchmark
  public List<ChunkSeries> selectOneRegion() throws IOException {
    return select(oneRegion);
  }

  /** A regular expression over 200 values; 110 series. */
  @Benchmark
  public List<ChunkSeries> selectHostsByRegex() throws IOException {
    return select(hostsByRegex);
  }

  /** Regular expressions over metric names, and over a label that all have; 600 series. */
  @Benchmark
  public List<ChunkSeries> selectNamesByRegex() throws IOException {
    return select(namesByRegex);
  }

  /** Time a sample: 200 series from the selection to the last sample. */
  @Benchmark
  @OperationsPerInvocation(HOSTS * STEPS)
  @OutputTimeUnit(TimeUnit.NANOSECONDS)
  public long decode() throws IOException {
    long sum = 0;
    for (ChunkSeries series : select(gauge)) {
      sum += sum(SeriesMerge.cursor(List.of(series), START_MS, START_MS + RANGE_MS));
    }
    return sum;
  }

  /** Time a sample that is seen: the same of two parts with the same samples, which are merged. */
  @Benchmark
  @OperationsPerInvocation(HOSTS * STEPS)
  @OutputTimeUnit(TimeUnit.NANOSECONDS)
  public long decodeMerged() throws IOException {
    long sum = 0;
    for (ChunkSeries series : select(gauge)) {
      sum += sum(SeriesMerge.cursor(List.of(series, series), START_MS, START_MS + RANGE_MS));
    }
    return sum;
  }

  private static long sum(SampleCursor samples) {
    long sum = 0;
    while (samples.next()) {
      sum += samples.valueBits();
    }
    return sum;
  }
}

package io.rafttsdb.bench;

import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
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
import org.openjdk.jmh.annotations.Warmup;

/** Reading back one series of many chunks, from the selection to the last sample. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ChunkBenchmark {

  private static final int SAMPLES = 12_000;

  private final BenchSeries series = new BenchSeries(DevopsSeries.SERIES_PER_HOST);
  private final List<Selection> gauge = selection("cpu_usage_user");
  private final List<Selection> counter = selection("diskio_reads");

  private static List<Selection> selection(String name) {
    return List.of(
        new Selection(
            List.of(new Matcher(Matcher.Type.EQUAL, "__name__", name)),
            BenchSeries.START_MS,
            BenchSeries.START_MS + SAMPLES * BenchSeries.STEP_MS));
  }

  /** Fills the engine. */
  @Setup
  public void fill() {
    for (int step = 1; step <= SAMPLES; step++) {
      series.append(series.next(0, DevopsSeries.SERIES_PER_HOST, step));
    }
  }

  /** A gauge with two decimals, the hard case of the encoding. */
  @Benchmark
  @OperationsPerInvocation(SAMPLES)
  public long decodeGauge() {
    return sum(series.tsdb().select(gauge, 10));
  }

  /** Counters that grow by whole numbers. */
  @Benchmark
  @OperationsPerInvocation(2 * SAMPLES)
  public long decodeCounters() {
    return sum(series.tsdb().select(counter, 10));
  }

  private static long sum(Capture capture) {
    long sum = 0;
    for (var one : capture.series().get(0)) {
      SampleCursor samples = one.samples();
      while (samples.next()) {
        sum += samples.valueBits();
      }
    }
    return sum;
  }
}

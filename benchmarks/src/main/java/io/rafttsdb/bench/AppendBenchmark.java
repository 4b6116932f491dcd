package io.rafttsdb.bench;

import io.rafttsdb.storage.model.SampleBatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Apply of a request of 2,000 samples of known series, of 100,000 in all; time per sample. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
@Warmup(iterations = 2)
@Measurement(iterations = 5)
public class AppendBenchmark {

  private static final int SERIES = 100_000;
  private static final int SAMPLES_PER_REQUEST = 2_000;

  private static final int STEPS = 60;

  private BenchSeries series = new BenchSeries(0);
  private final SampleBatch[] prepared = new SampleBatch[STEPS * SERIES / SAMPLES_PER_REQUEST];

  /** Makes an engine and all requests. */
  @Setup(Level.Iteration)
  public void prepare() {
    series = new BenchSeries(SERIES);
    int made = 0;
    for (int step = 1; step <= STEPS; step++) {
      for (int first = 0; first < SERIES; first += SAMPLES_PER_REQUEST) {
        prepared[made++] = series.next(first, SAMPLES_PER_REQUEST, step);
      }
    }
  }

  /** Applies them all. */
  @Benchmark
  @OperationsPerInvocation(STEPS * SERIES)
  public void append() {
    for (SampleBatch batch : prepared) {
      series.append(batch);
    }
  }
}

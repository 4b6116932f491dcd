package io.rafttsdb.bench;

import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
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

/**
 * Apply of requests that bring 100,000 new series with 11 labels, one sample each; time a series.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
@Warmup(iterations = 5)
@Measurement(iterations = 10)
public class NewSeriesBenchmark {

  private static final int SERIES = 100_000;
  private static final int SERIES_PER_REQUEST = 2_000;

  private final SampleBatch[] prepared = new SampleBatch[SERIES / SERIES_PER_REQUEST];
  private Tsdb tsdb = new Tsdb();

  /** Makes an empty engine and all requests. */
  @Setup(Level.Iteration)
  public void prepare() {
    tsdb = new Tsdb();
    tsdb.configure(new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0));
    SampleBatch.Builder batch = new SampleBatch.Builder();
    for (int i = 0; i < SERIES; i++) {
      batch.series(BenchSeries.labels(i)).sample(BenchSeries.START_MS, 1);
      if (batch.rowCount() == SERIES_PER_REQUEST) {
        prepared[i / SERIES_PER_REQUEST] = batch.build();
      }
    }
  }

  /** Applies them all. */
  @Benchmark
  @OperationsPerInvocation(SERIES)
  public void add() {
    long index = 0;
    for (SampleBatch batch : prepared) {
      tsdb.append(batch);
      tsdb.publish(++index);
    }
  }
}

package io.rafttsdb.bench;

import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long apply stands still at a million series, of which a tenth has its newest sample before
 * the border: at a cut, at the freezing for a snapshot, and in all the steps that free a forgotten
 * part, to be divided by some thousand entries.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx6g")
@Warmup(iterations = 1)
@Measurement(iterations = 3)
public class CutBenchmark {

  private static final long RANGE_MS = Settings.BLOCK_RANGE_DEFAULT_MS;
  private static final long BORDER_MS = 250_000 * RANGE_MS;
  private static final int SERIES_PER_REQUEST = 2_000;

  /** Number of series. */
  @Param("1000000")
  int series;

  private Tsdb tsdb = new Tsdb();
  private long index;

  /** Fills an engine. */
  @Setup(Level.Iteration)
  public void fill() {
    tsdb = new Tsdb();
    tsdb.configure(new Settings(RANGE_MS, 0));
    SampleBatch.Builder batch = new SampleBatch.Builder();
    for (int i = 0; i < series; i++) {
      Labels labels = BenchSeries.labels(i);
      batch.series(labels).sample(BORDER_MS - 20_000, i).sample(BORDER_MS - 10_000, i);
      if (i % 10 != 0) {
        batch.series(labels).sample(BORDER_MS + 10_000, i);
      }
      if (batch.rowCount() >= SERIES_PER_REQUEST) {
        append(batch.build());
      }
    }
    append(batch.series(BenchSeries.labels(1)).sample(BORDER_MS + RANGE_MS, 1).build());
  }

  private void append(SampleBatch batch) {
    tsdb.append(batch);
    tsdb.publish(++index);
  }

  /** Apply of the cut. */
  @Benchmark
  public CutResult cut() {
    CutResult result = tsdb.cut(BORDER_MS, new Ulid(1, 1));
    tsdb.publish(++index);
    return result;
  }

  /** Freezing for a snapshot. */
  @Benchmark
  public Object freeze() {
    return tsdb.freeze();
  }

  /** The cut, and so many empty entries that a sweep is done in them. */
  @Benchmark
  public long sweep() {
    if (cut() instanceof CutResult.Sealed(List<SealedRange> ranges)) {
      ranges.forEach(range -> tsdb.forget(range.ulid()));
    }
    int entries = series / 256 + 12 * series / 512;
    for (int i = 0; i < entries; i++) {
      tsdb.publish(++index);
    }
    return tsdb.stats().bytes();
  }
}

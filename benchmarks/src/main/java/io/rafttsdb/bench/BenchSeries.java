package io.rafttsdb.bench;

import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import java.util.SplittableRandom;

/** A storage engine with the devops series in it, fed batch by batch: 15 s of data time a step. */
final class BenchSeries {

  static final long START_MS = 1_795_000_000_000L;
  static final long STEP_MS = Workload.STEP_MS;

  private final Tsdb tsdb = new Tsdb();
  private final long[] refs;
  private final double[] values;
  private final SplittableRandom random = new SplittableRandom(1);
  private final SampleBatch.Builder batch = new SampleBatch.Builder();
  private long index;

  BenchSeries(int series) {
    refs = new long[series];
    values = new double[series];
    tsdb.configure(new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0));
    for (int i = 0; i < series; i++) {
      batch.series(labels(i)).sample(START_MS, Double.doubleToRawLongBits(values[i]));
    }
    tsdb.append(batch.build());
    tsdb.publish(++index);
    for (int i = 0; i < series; i++) {
      refs[i] = tsdb.refOf(labels(i));
    }
  }

  Tsdb tsdb() {
    return tsdb;
  }

  /** One sample for each of some known series, at a step from 1 on. */
  SampleBatch next(int firstSeries, int seriesCount, int step) {
    for (int i = firstSeries; i < firstSeries + seriesCount; i++) {
      if (DevopsSeries.isCounter(i)) {
        values[i] += random.nextInt(1000);
      } else if (random.nextInt(10) != 0) {
        values[i] = Math.clamp(values[i] + random.nextInt(-200, 201) / 100.0, 0, 100);
      }
      batch.series(refs[i]);
      batch.sample(START_MS + step * STEP_MS, Double.doubleToRawLongBits(values[i]));
    }
    return batch.build();
  }

  void append(SampleBatch next) {
    tsdb.append(next);
    tsdb.publish(++index);
  }

  static Labels labels(int series) {
    Labels.Builder labels = new Labels.Builder();
    DevopsSeries.labels(series).forEach(labels::set);
    return labels.build();
  }
}

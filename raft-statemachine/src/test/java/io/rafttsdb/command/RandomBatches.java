package io.rafttsdb.command;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Samples;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Write requests of every odd shape, from a seed. */
final class RandomBatches {
  private static final long[] ODD_VALUES = {
    0,
    Double.doubleToRawLongBits(-0.0),
    Samples.STALE,
    Samples.NAN,
    -1,
    Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY),
    Double.doubleToRawLongBits(42)
  };

  private static final long[] ODD_TIMESTAMPS = {
    0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 60, -(1L << 60), (1L << 60) + 1
  };

  private RandomBatches() {}

  static SampleBatch next(RandomGenerator random) {
    SampleBatch.Builder batch = new SampleBatch.Builder();
    int rows = random.nextInt(40);
    long ref = 1 + random.nextLong(1_000_000);
    boolean oneEach = random.nextBoolean();
    boolean oddTimes = random.nextInt(4) == 0;
    int histogramEvery = random.nextInt(4);
    long timeMs = 1_700_000_000_000L + random.nextInt();
    for (int row = 0; row < rows; row++) {
      switch (random.nextInt(8)) {
        case 0 -> batch.series(labels(random));
        case 1 -> batch.series(1 + random.nextLong(Long.MAX_VALUE));
        default -> batch.series(ref++);
      }
      int samples = oneEach ? 1 : random.nextInt(6);
      for (int i = 0; i < samples; i++) {
        timeMs += random.nextInt(3) == 0 ? random.nextInt(-20_000, 20_000) : 0;
        long timestampMs =
            oddTimes ? ODD_TIMESTAMPS[random.nextInt(ODD_TIMESTAMPS.length)] : timeMs;
        if (histogramEvery > 0 && random.nextInt(histogramEvery) == 0) {
          batch.histogram(timestampMs, histogram(random));
        } else {
          batch.sample(timestampMs, value(random));
        }
      }
    }
    return batch.build();
  }

  private static NativeHistogram histogram(RandomGenerator random) {
    CounterResetHint hint = CounterResetHint.of(random.nextInt(4));
    BucketSpans positive = BucketSpans.of(random.nextInt(), random.nextInt(20));
    BucketSpans negative = BucketSpans.of(0, random.nextInt(3), random.nextInt(9), 1);
    BucketLayout layout =
        switch (random.nextInt(3)) {
          case 0 -> BucketLayout.EMPTY;
          case 1 -> BucketLayout.custom(positive, values(random, random.nextInt(5)));
          default ->
              BucketLayout.exponential(random.nextInt(-4, 9), value(random), positive, negative);
        };
    long[] positives = values(random, layout.positive().bucketCount());
    long[] negatives = values(random, layout.negative().bucketCount());
    return random.nextBoolean()
        ? new IntegerHistogram(
            layout, hint, value(random), value(random), value(random), positives, negatives)
        : new FloatHistogram(
            layout, hint, value(random), value(random), value(random), positives, negatives);
  }

  private static long[] values(RandomGenerator random, int count) {
    long[] values = new long[count];
    Arrays.setAll(values, _ -> value(random));
    return values;
  }

  private static long value(RandomGenerator random) {
    return random.nextBoolean() ? random.nextLong() : ODD_VALUES[random.nextInt(ODD_VALUES.length)];
  }

  private static Labels labels(RandomGenerator random) {
    Labels.Builder labels = new Labels.Builder();
    for (int i = random.nextInt(6); i > 0; i--) {
      labels.set("l" + random.nextInt(50), "välue" + "x".repeat(random.nextInt(200)));
    }
    return labels.build();
  }
}

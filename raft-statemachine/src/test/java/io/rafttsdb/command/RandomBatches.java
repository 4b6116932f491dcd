package io.rafttsdb.command;

import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Samples;
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
        batch.sample(timestampMs, value(random));
      }
    }
    return batch.build();
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

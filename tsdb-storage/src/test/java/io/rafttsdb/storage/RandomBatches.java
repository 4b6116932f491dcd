package io.rafttsdb.storage;

import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Batches as a seed gives them: mostly regular scrapes of floats and histograms, with repeats,
 * duplicates, steps back, samples that are too old, new series and unknown refs.
 */
final class RandomBatches {

  static final long BLOCK_RANGE_MS = 60_000;
  static final long START_MS = 1_700_000_000_000L;
  private static final String[] JOBS = {
    "node", "api", "db", "é", "a|b", "x.y", "\uD83D\uDE00", "\uFF5E"
  };

  private final SplittableRandom random;
  private final List<Labels> known = new ArrayList<>();
  private final long[] times = new long[256];
  private final long[] bits = new long[256];

  /** Whether the bits are a histogram's sum. */
  private final boolean[] histograms = new boolean[256];

  private int remembered;
  private long nowMs = START_MS;

  RandomBatches(long seed) {
    random = new SplittableRandom(seed);
  }

  /**
   * @param nextRef refs below this one are known to the engine
   */
  SampleBatch next(long nextRef) {
    nowMs += random.nextLong(0, 2500);
    SampleBatch.Builder builder = new SampleBatch.Builder();
    int rows = random.nextInt(1, 20);
    for (int row = 0; row < rows; row++) {
      if (nextRef > 1 && random.nextInt(3) > 0) {
        builder.series(random.nextLong(1, nextRef));
      } else {
        builder.series(labels());
      }
      int samples = random.nextInt(8) == 0 ? random.nextInt(0, 60) : 1;
      for (int i = 0; i < samples; i++) {
        sample(builder, i);
      }
    }
    if (random.nextInt(40) == 0) {
      builder.series(nextRef + random.nextLong(5)).sample(nowMs, 1);
    }
    return builder.build();
  }

  private Labels labels() {
    if (!known.isEmpty() && random.nextInt(4) > 0) {
      return known.get(random.nextInt(known.size()));
    }
    Labels.Builder labels = new Labels.Builder();
    labels.set("__name__", "metric_" + random.nextInt(5));
    labels.set("job", JOBS[random.nextInt(JOBS.length)]);
    if (random.nextBoolean()) {
      labels.set("instance", "host-" + random.nextInt(20) + ":9100");
    }
    if (random.nextInt(10) == 0) {
      labels.set("only_" + random.nextInt(4), "v");
    }
    Labels built = labels.build();
    known.add(built);
    return built;
  }

  private void sample(SampleBatch.Builder builder, int i) {
    int slot = random.nextInt(times.length);
    boolean isHistogram = random.nextInt(4) == 0;
    switch (random.nextInt(12)) {
      case 0 -> add(builder, times[slot], bits[slot], histograms[slot]);
      case 1 -> add(builder, times[slot], isHistogram ? sum() : random.nextLong(), isHistogram);
      case 2 -> {
        long timestampMs = nowMs - random.nextLong(2 * BLOCK_RANGE_MS);
        add(builder, timestampMs, isHistogram ? sum() : value(), isHistogram);
      }
      default -> {
        int next = remembered++ % times.length;
        times[next] = nowMs + i * 100L;
        bits[next] = isHistogram ? sum() : value();
        histograms[next] = isHistogram;
        add(builder, times[next], bits[next], isHistogram);
      }
    }
  }

  private static void add(
      SampleBatch.Builder builder, long timestampMs, long bits, boolean isHistogram) {
    if (isHistogram) {
      builder.histogram(timestampMs, NumberedHistograms.of(Double.longBitsToDouble(bits)));
    } else {
      builder.sample(timestampMs, bits);
    }
  }

  private long sum() {
    return Double.doubleToRawLongBits(random.nextInt(1000));
  }

  private long value() {
    return switch (random.nextInt(8)) {
      case 0 -> Samples.STALE;
      case 1 -> random.nextLong();
      case 2 -> Double.doubleToRawLongBits(-0.0);
      default -> Double.doubleToRawLongBits(random.nextInt(1000));
    };
  }
}

package io.rafttsdb.promql;

import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Samples;
import java.util.SplittableRandom;

/**
 * A few random series from time 0 on: counters with resets, gauges with gaps, stale markers and odd
 * numbers. The same seed gives the same samples.
 */
public final class RandomData {

  public static final long LENGTH_MS = 40 * 60_000;

  private static final long INTERVAL_MS = 30_000;

  private RandomData() {}

  /** Takes samples; those of a series in the order of their times, each time once. */
  @FunctionalInterface
  public interface Sink {
    void add(Labels labels, long timeMs, long valueBits);
  }

  static MemorySource source(long seed) {
    MemorySource source = new MemorySource();
    fill(seed, source::add);
    return source;
  }

  public static void fill(long seed, Sink source) {
    SplittableRandom random = new SplittableRandom(seed);
    for (String a : new String[] {"1", "2", "3"}) {
      for (String b : new String[] {"x", "y"}) {
        if (random.nextInt(6) > 0) {
          counter(source, Labels.of("__name__", "c_total", "a", a, "b", b), random);
        }
        if (random.nextInt(6) > 0) {
          gauge(source, Labels.of("__name__", "g", "a", a, "b", b), random);
        }
        if (random.nextInt(3) > 0) {
          gauge(source, Labels.of("__name__", "h", "a", a, "b", b, "c", "z"), random);
        }
      }
      gauge(source, Labels.of("__name__", "one", "a", a), random);
      for (String le : new String[] {"0.1", "1", "5", "+Inf"}) {
        counter(source, Labels.of("__name__", "d_bucket", "a", a, "le", le), random);
      }
    }
  }

  private static void counter(Sink source, Labels labels, SplittableRandom random) {
    double value = random.nextInt(100);
    long jitterMs = random.nextLong(INTERVAL_MS);
    for (long timeMs = jitterMs; timeMs < LENGTH_MS; timeMs += INTERVAL_MS) {
      int chance = random.nextInt(40);
      if (chance == 0) {
        value = random.nextInt(5);
      } else if (chance == 1) {
        source.add(labels, timeMs, Samples.STALE);
        timeMs += random.nextInt(20) * INTERVAL_MS;
        continue;
      } else if (chance < 25) {
        value += random.nextInt(50);
      }
      source.add(labels, timeMs + random.nextInt(2000), Double.doubleToRawLongBits(value));
    }
  }

  private static void gauge(Sink source, Labels labels, SplittableRandom random) {
    long jitterMs = random.nextLong(INTERVAL_MS);
    for (long timeMs = jitterMs; timeMs < LENGTH_MS; timeMs += INTERVAL_MS) {
      int chance = random.nextInt(60);
      if (chance == 0) {
        source.add(labels, timeMs, Samples.STALE);
        timeMs += random.nextInt(30) * INTERVAL_MS;
      } else if (chance == 1) {
        timeMs += random.nextInt(30) * INTERVAL_MS;
      } else {
        source.add(labels, timeMs, Double.doubleToRawLongBits(value(random, chance)));
      }
    }
  }

  private static double value(SplittableRandom random, int chance) {
    return switch (chance) {
      case 2 -> Double.NaN;
      case 3 -> Double.POSITIVE_INFINITY;
      case 4 -> Double.NEGATIVE_INFINITY;
      case 5 -> -0.0;
      case 6 -> 1e300 * random.nextDouble();
      default -> random.nextInt(-8, 9);
    };
  }
}

package io.rafttsdb.promql.value;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * A native histogram as queries compute with it: all counts are floats, the buckets of a side lie
 * in one {@link SparseCounts}. Immutable.
 *
 * @param schema as in {@link BucketLayout}
 * @param zeroThreshold greatest absolute value in the zero bucket
 * @param customBounds upper bounds where the schema is {@link BucketLayout#SCHEMA_CUSTOM}; never
 *     changed
 */
@SuppressWarnings("ArrayRecordComponent") // compared by sameAs
public record Histogram(
    int schema,
    CounterResetHint hint,
    double zeroThreshold,
    double zeroCount,
    double count,
    double sum,
    SparseCounts positive,
    SparseCounts negative,
    double[] customBounds) {

  /**
   * A bucket.
   *
   * @param lower -Inf to Inf
   */
  public record Bucket(
      double lower, double upper, boolean lowerInclusive, boolean upperInclusive, double count) {}

  private static final double TWO_63 = 0x1p63;

  /** Of a stored histogram that is no stale marker. */
  public static Histogram of(NativeHistogram stored) {
    BucketLayout layout = stored.layout();
    double[] bounds = doubles(layout.customBounds());
    double threshold = Double.longBitsToDouble(layout.zeroThresholdBits());
    double sum = Double.longBitsToDouble(stored.sumBits());
    int[] positives = layout.positive().bucketIndexes();
    int[] negatives = layout.negative().bucketIndexes();
    return switch (stored) {
      case IntegerHistogram h ->
          new Histogram(
              layout.schema(),
              h.hint(),
              threshold,
              unsigned(h.zeroCount()),
              unsigned(h.count()),
              sum,
              SparseCounts.of(positives, counts(h.positiveDeltas())),
              SparseCounts.of(negatives, counts(h.negativeDeltas())),
              bounds);
      case FloatHistogram h ->
          new Histogram(
              layout.schema(),
              h.hint(),
              threshold,
              Double.longBitsToDouble(h.zeroCountBits()),
              Double.longBitsToDouble(h.countBits()),
              sum,
              SparseCounts.of(positives, doubles(h.positiveBits())),
              SparseCounts.of(negatives, doubles(h.negativeBits())),
              bounds);
    };
  }

  private static double[] doubles(long[] bits) {
    return Arrays.stream(bits).mapToDouble(Double::longBitsToDouble).toArray();
  }

  private static double[] counts(long[] deltas) {
    return Arrays.stream(IntegerHistogram.counts(deltas)).mapToDouble(c -> (double) c).toArray();
  }

  private static double unsigned(long value) {
    return value >= 0 ? value : (double) (value & Long.MAX_VALUE) + TWO_63;
  }

  /** A histogram without observations that fits beside another. */
  public Histogram zero() {
    return new Histogram(
        schema,
        CounterResetHint.UNKNOWN,
        0,
        0,
        0,
        0,
        SparseCounts.NONE,
        SparseCounts.NONE,
        customBounds);
  }

  public boolean isCustom() {
    return schema == BucketLayout.SCHEMA_CUSTOM;
  }

  public boolean isGauge() {
    return hint == CounterResetHint.GAUGE;
  }

  /** Why the two can't be added, or {@link Fit#FITS}. */
  public Fit fit(Histogram other) {
    if (isCustom() != other.isCustom()) {
      return Fit.CUSTOM_AND_EXPONENTIAL;
    }
    return isCustom() && !Arrays.equals(customBounds, other.customBounds)
        ? Fit.OTHER_BOUNDS
        : Fit.FITS;
  }

  /** How the buckets of two histograms go together. */
  public enum Fit {
    FITS,
    CUSTOM_AND_EXPONENTIAL,
    OTHER_BOUNDS
  }

  /** The sum of two that fit. */
  public Histogram plus(Histogram other) {
    return plus(other, 1);
  }

  /** The difference of two that fit. */
  public Histogram minus(Histogram other) {
    return plus(other, -1);
  }

  private Histogram plus(Histogram other, double factor) {
    if (fit(other) != Fit.FITS) {
      throw new IllegalArgumentException("histograms with other buckets: " + fit(other));
    }
    Histogram a = this;
    Histogram b = other;
    if (!isCustom()) {
      while (a.zeroThreshold != b.zeroThreshold) {
        if (a.zeroThreshold < b.zeroThreshold) {
          a = a.withZeroUpTo(b.zeroThreshold);
        } else {
          b = b.withZeroUpTo(a.zeroThreshold);
        }
      }
      int common = Math.min(schema, other.schema);
      a = a.reduced(common);
      b = b.reduced(common);
    }
    return new Histogram(
        a.schema,
        commonHint(other),
        a.zeroThreshold,
        a.zeroCount + b.zeroCount * factor,
        a.count + b.count * factor,
        a.sum + b.sum * factor,
        a.positive.plus(b.positive, factor),
        a.negative.plus(b.negative, factor),
        customBounds);
  }

  /** A gauge where one is. */
  private CounterResetHint commonHint(Histogram other) {
    if (hint == other.hint) {
      return hint;
    }
    return isGauge() || other.isGauge() ? CounterResetHint.GAUGE : CounterResetHint.UNKNOWN;
  }

  /** All numbers times a factor. */
  public Histogram times(double factor) {
    return map(v -> v * factor);
  }

  /** All numbers by a divisor; a histogram divided by 0 has no buckets. */
  public Histogram by(double divisor) {
    Histogram quotient = map(v -> v / divisor);
    return divisor != 0
        ? quotient
        : new Histogram(
            schema,
            hint,
            zeroThreshold,
            quotient.zeroCount,
            quotient.count,
            quotient.sum,
            SparseCounts.NONE,
            SparseCounts.NONE,
            customBounds);
  }

  private Histogram map(DoubleUnaryOperator change) {
    return new Histogram(
        schema,
        hint,
        zeroThreshold,
        change.applyAsDouble(zeroCount),
        change.applyAsDouble(count),
        change.applyAsDouble(sum),
        positive.map(change),
        negative.map(change),
        customBounds);
  }

  public Histogram with(CounterResetHint other) {
    return new Histogram(
        schema, other, zeroThreshold, zeroCount, count, sum, positive, negative, customBounds);
  }

  /** The same at a lower resolution, or as it is. */
  private Histogram reduced(int lower) {
    if (lower >= schema) {
      return this;
    }
    return new Histogram(
        lower,
        hint,
        zeroThreshold,
        zeroCount,
        count,
        sum,
        positive.merged(schema - lower),
        negative.merged(schema - lower),
        customBounds);
  }

  /**
   * The same with a zero bucket of at least this threshold: a populated bucket that the threshold
   * would cut goes into the zero bucket as a whole, which then ends where that bucket ends.
   */
  private Histogram withZeroUpTo(double least) {
    double threshold = least;
    while (true) {
      double raised = Math.max(cut(positive, threshold), cut(negative, threshold));
      if (raised == threshold) {
        break;
      }
      threshold = raised;
    }
    int below = firstBeyond(positive, threshold);
    int belowNegative = firstBeyond(negative, threshold);
    return new Histogram(
        schema,
        hint,
        threshold,
        zeroCount + positive.sum(below) + negative.sum(belowNegative),
        count,
        sum,
        positive.from(below),
        negative.from(belowNegative),
        customBounds);
  }

  private double cut(SparseCounts side, double threshold) {
    for (int i = 0; i < side.size(); i++) {
      double upper = bound(side.index(i));
      if (upper > threshold && bound(side.index(i) - 1) < threshold && side.count(i) != 0) {
        return upper;
      }
    }
    return threshold;
  }

  private int firstBeyond(SparseCounts side, double threshold) {
    int at = 0;
    while (at < side.size() && bound(side.index(at) - 1) < threshold) {
      at++;
    }
    return at;
  }

  /** Whether a counter with this value began anew since an earlier value. */
  public boolean isResetSince(Histogram before) {
    if (hint == CounterResetHint.RESET || hint == CounterResetHint.NOT_RESET) {
      return hint == CounterResetHint.RESET;
    }
    if (fit(before) != Fit.FITS
        || count < before.count
        || schema > before.schema
        || zeroThreshold < before.zeroThreshold) {
      return true;
    }
    Histogram earlier =
        zeroThreshold == before.zeroThreshold ? before : before.withZeroUpTo(zeroThreshold);
    if (earlier.zeroThreshold != zeroThreshold || zeroCount < earlier.zeroCount) {
      return true;
    }
    earlier = earlier.reduced(schema);
    return positive.isLessAnywhere(earlier.positive) || negative.isLessAnywhere(earlier.negative);
  }

  /** Whether both say the same; empty buckets and hints do not matter. */
  public boolean sameAs(Histogram other) {
    return schema == other.schema
        && same(count, other.count)
        && same(sum, other.sum)
        && zeroThreshold == other.zeroThreshold
        && same(zeroCount, other.zeroCount)
        && fit(other) == Fit.FITS
        && positive.sameAs(other.positive)
        && negative.sameAs(other.negative);
  }

  private static boolean same(double a, double b) {
    return Double.doubleToRawLongBits(a) == Double.doubleToRawLongBits(b);
  }

  /** The buckets that are not empty, from the least values to the greatest. */
  public List<Bucket> buckets() {
    List<Bucket> buckets = new ArrayList<>();
    for (int i = negative.size() - 1; i >= 0; i--) {
      int index = negative.index(i);
      add(buckets, -bound(index), -bound(index - 1), negative.count(i), index);
    }
    if (zeroCount > 0) {
      buckets.add(new Bucket(-zeroThreshold, zeroThreshold, true, true, zeroCount));
    }
    for (int i = 0; i < positive.size(); i++) {
      int index = positive.index(i);
      add(buckets, bound(index - 1), bound(index), positive.count(i), index);
    }
    return buckets;
  }

  private void add(List<Bucket> buckets, double lower, double upper, double value, int index) {
    if (value != 0) {
      boolean lowerInclusive = isCustom() ? index == 0 : lower < 0;
      buckets.add(new Bucket(lower, upper, lowerInclusive, isCustom() || upper > 0, value));
    }
  }

  private double bound(int index) {
    if (!isCustom()) {
      return ExponentialBounds.bound(schema, index);
    }
    return index < 0
        ? Double.NEGATIVE_INFINITY
        : index < customBounds.length ? customBounds[index] : Double.POSITIVE_INFINITY;
  }
}

package io.rafttsdb.storage.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A native histogram that counts in whole numbers.
 *
 * @param count of all observations, unsigned
 * @param zeroCount of those in the zero bucket, unsigned
 * @param positiveDeltas per bucket its count minus that of the bucket before it, the first minus 0
 * @param negativeDeltas likewise
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by content, below
public record IntegerHistogram(
    BucketLayout layout,
    CounterResetHint hint,
    long count,
    long zeroCount,
    long sumBits,
    long[] positiveDeltas,
    long[] negativeDeltas)
    implements NativeHistogram {

  private static final long[] NO_BUCKETS = {};

  public IntegerHistogram {
    HistogramRules.checkFits("positive", layout.positive(), positiveDeltas);
    HistogramRules.checkFits("negative", layout.negative(), negativeDeltas);
  }

  /** A stale marker. */
  public static IntegerHistogram stale(CounterResetHint hint) {
    return new IntegerHistogram(
        BucketLayout.EMPTY, hint, 0, 0, Samples.STALE, NO_BUCKETS, NO_BUCKETS);
  }

  @Override
  public SampleKind kind() {
    return SampleKind.HISTOGRAM;
  }

  @Override
  public IntegerHistogram with(CounterResetHint other) {
    return new IntegerHistogram(
        layout, other, count, zeroCount, sumBits, positiveDeltas, negativeDeltas);
  }

  @Override
  public IntegerHistogram in(BucketLayout wider) {
    return new IntegerHistogram(
        wider,
        hint,
        count,
        zeroCount,
        sumBits,
        deltas(HistogramRules.widen(layout.positive(), wider.positive(), counts(positiveDeltas))),
        deltas(HistogramRules.widen(layout.negative(), wider.negative(), counts(negativeDeltas))));
  }

  /** Count per bucket; a new array. */
  public static long[] counts(long[] deltas) {
    long[] counts = deltas.clone();
    for (int i = 1; i < counts.length; i++) {
      counts[i] += counts[i - 1];
    }
    return counts;
  }

  private static long[] deltas(long[] counts) {
    for (int i = counts.length - 1; i > 0; i--) {
      counts[i] -= counts[i - 1];
    }
    return counts;
  }

  @Override
  public boolean sameSample(NativeHistogram other) {
    return other instanceof IntegerHistogram histogram
        && (isStale()
            ? histogram.isStale()
            : sumBits == histogram.sumBits
                && count == histogram.count
                && zeroCount == histogram.zeroCount
                && HistogramRules.sameFrame(this, histogram)
                && HistogramRules.sameBuckets(
                    layout.positive(),
                    counts(positiveDeltas),
                    histogram.layout.positive(),
                    counts(histogram.positiveDeltas))
                && HistogramRules.sameBuckets(
                    layout.negative(),
                    counts(negativeDeltas),
                    histogram.layout.negative(),
                    counts(histogram.negativeDeltas)));
  }

  @Override
  public @Nullable String problem() {
    if (isStale()) {
      return null;
    }
    String problem = HistogramRules.problemOf(layout, zeroCount != 0);
    if (problem != null) {
      return problem;
    }
    long[] positives = counts(positiveDeltas);
    long[] negatives = counts(negativeDeltas);
    problem = negativeCount("positive", positives);
    if (problem == null) {
      problem = negativeCount("negative", negatives);
    }
    return problem == null ? countProblem(positives, negatives) : problem;
  }

  private static @Nullable String negativeCount(String side, long[] counts) {
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] < 0) {
        return HistogramRules.negativeCount(side, i, Long.toString(counts[i]));
      }
    }
    return null;
  }

  /** The sum may overflow, as it may in Prometheus. */
  private @Nullable String countProblem(long[] positives, long[] negatives) {
    long inBuckets = zeroCount + Arrays.stream(positives).sum() + Arrays.stream(negatives).sum();
    boolean sumIsNan = Double.isNaN(Double.longBitsToDouble(sumBits));
    boolean possible = sumIsNan ? Long.compareUnsigned(inBuckets, count) <= 0 : inBuckets == count;
    if (possible) {
      return null;
    }
    return Long.toUnsignedString(inBuckets)
        + " observations found in buckets, but the Count field is "
        + Long.toUnsignedString(count)
        + (sumIsNan
            ? ": histogram's observation count should be at least the number of observations found"
                + " in the buckets"
            : ": histogram's observation count should equal the number of observations found in the"
                + " buckets (in absence of NaN)");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IntegerHistogram histogram
        && layout.equals(histogram.layout)
        && hint == histogram.hint
        && count == histogram.count
        && zeroCount == histogram.zeroCount
        && sumBits == histogram.sumBits
        && Arrays.equals(positiveDeltas, histogram.positiveDeltas)
        && Arrays.equals(negativeDeltas, histogram.negativeDeltas);
  }

  @Override
  public int hashCode() {
    return (Long.hashCode(sumBits) * 31 + Long.hashCode(count)) * 31
        + Arrays.hashCode(positiveDeltas);
  }

  @Override
  public String toString() {
    return "IntegerHistogram["
        + (layout + ", " + hint + ", count " + Long.toUnsignedString(count))
        + (", zero " + Long.toUnsignedString(zeroCount) + ", sum " + Long.toHexString(sumBits))
        + (", positive " + Arrays.toString(positiveDeltas))
        + (", negative " + Arrays.toString(negativeDeltas) + "]");
  }
}

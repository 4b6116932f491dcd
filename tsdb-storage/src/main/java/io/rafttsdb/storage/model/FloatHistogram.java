package io.rafttsdb.storage.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A native histogram whose counts are floats, as rates and aggregations give them. All counts are
 * the floats' bits.
 *
 * @param countBits of all observations
 * @param zeroCountBits of those in the zero bucket
 * @param positiveBits the count of every bucket
 * @param negativeBits likewise
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by content, below
public record FloatHistogram(
    BucketLayout layout,
    CounterResetHint hint,
    long countBits,
    long zeroCountBits,
    long sumBits,
    long[] positiveBits,
    long[] negativeBits)
    implements NativeHistogram {

  private static final long[] NO_BUCKETS = {};

  public FloatHistogram {
    HistogramRules.checkFits("positive", layout.positive(), positiveBits);
    HistogramRules.checkFits("negative", layout.negative(), negativeBits);
  }

  /** A stale marker. */
  public static FloatHistogram stale(CounterResetHint hint) {
    return new FloatHistogram(
        BucketLayout.EMPTY, hint, 0, 0, Samples.STALE, NO_BUCKETS, NO_BUCKETS);
  }

  @Override
  public SampleKind kind() {
    return SampleKind.FLOAT_HISTOGRAM;
  }

  @Override
  public FloatHistogram with(CounterResetHint other) {
    return new FloatHistogram(
        layout, other, countBits, zeroCountBits, sumBits, positiveBits, negativeBits);
  }

  @Override
  public FloatHistogram in(BucketLayout wider) {
    return new FloatHistogram(
        wider,
        hint,
        countBits,
        zeroCountBits,
        sumBits,
        HistogramRules.widen(layout.positive(), wider.positive(), positiveBits),
        HistogramRules.widen(layout.negative(), wider.negative(), negativeBits));
  }

  @Override
  public boolean sameSample(NativeHistogram other) {
    return other instanceof FloatHistogram histogram
        && (isStale()
            ? histogram.isStale()
            : sumBits == histogram.sumBits
                && countBits == histogram.countBits
                && zeroCountBits == histogram.zeroCountBits
                && HistogramRules.sameFrame(this, histogram)
                && HistogramRules.sameBuckets(
                    layout.positive(),
                    positiveBits,
                    histogram.layout.positive(),
                    histogram.positiveBits)
                && HistogramRules.sameBuckets(
                    layout.negative(),
                    negativeBits,
                    histogram.layout.negative(),
                    histogram.negativeBits));
  }

  /** The count is not compared with the buckets, whose sum depends on the order of additions. */
  @Override
  public @Nullable String problem() {
    if (isStale()) {
      return null;
    }
    String problem = HistogramRules.problemOf(layout, Double.longBitsToDouble(zeroCountBits) != 0);
    if (problem == null) {
      problem = negativeCount("positive", positiveBits);
    }
    return problem == null ? negativeCount("negative", negativeBits) : problem;
  }

  private static @Nullable String negativeCount(String side, long[] bits) {
    for (int i = 0; i < bits.length; i++) {
      double count = Double.longBitsToDouble(bits[i]);
      if (count < 0) {
        return HistogramRules.negativeCount(side, i, Double.toString(count));
      }
    }
    return null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FloatHistogram histogram
        && layout.equals(histogram.layout)
        && hint == histogram.hint
        && countBits == histogram.countBits
        && zeroCountBits == histogram.zeroCountBits
        && sumBits == histogram.sumBits
        && Arrays.equals(positiveBits, histogram.positiveBits)
        && Arrays.equals(negativeBits, histogram.negativeBits);
  }

  @Override
  public int hashCode() {
    return (Long.hashCode(sumBits) * 31 + Long.hashCode(countBits)) * 31
        + Arrays.hashCode(positiveBits);
  }

  @Override
  public String toString() {
    return "FloatHistogram["
        + (layout + ", " + hint + ", count " + Long.toHexString(countBits))
        + (", zero " + Long.toHexString(zeroCountBits) + ", sum " + Long.toHexString(sumBits))
        + (", positive " + Arrays.toString(positiveBits))
        + (", negative " + Arrays.toString(negativeBits) + "]");
  }
}

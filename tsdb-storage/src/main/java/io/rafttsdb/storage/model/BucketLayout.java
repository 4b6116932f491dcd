package io.rafttsdb.storage.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the buckets of a native histogram lie; the samples of a series mostly share one.
 *
 * <p>Immutable; {@link #customBounds} is never changed. A threshold or bound of -0 becomes 0, as in
 * Prometheus's encoding.
 *
 * @param schema resolution: a bucket is 2^(2^-schema) times as wide as the one before, for schemas
 *     from {@link #SCHEMA_MIN} to {@link #SCHEMA_MAX}; {@link #SCHEMA_CUSTOM} for given bounds
 * @param zeroThresholdBits bits of the greatest absolute value in the zero bucket
 * @param customBounds bits of the upper bounds, for {@link #SCHEMA_CUSTOM} alone
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by content, below
public record BucketLayout(
    int schema,
    long zeroThresholdBits,
    BucketSpans positive,
    BucketSpans negative,
    long[] customBounds) {

  public static final int SCHEMA_MIN = -4;

  public static final int SCHEMA_MAX = 8;

  /** Buckets with bounds of their own, as a classic histogram has. */
  public static final int SCHEMA_CUSTOM = -53;

  private static final long[] NO_BOUNDS = {};

  private static final long NEGATIVE_ZERO = Long.MIN_VALUE;

  /** The layout of stale markers: schema 0, no buckets. */
  public static final BucketLayout EMPTY = exponential(0, 0, BucketSpans.NONE, BucketSpans.NONE);

  public BucketLayout {
    if (!isKnown(schema)) {
      throw new IllegalArgumentException("histogram data with unknown schema " + schema);
    }
    if (customBounds.length > 0 && schema != SCHEMA_CUSTOM) {
      throw new IllegalArgumentException(
          "histogram with exponential schema " + schema + " must not have custom bounds");
    }
    zeroThresholdBits = withoutSignOfZero(zeroThresholdBits);
    customBounds = Arrays.stream(customBounds).map(BucketLayout::withoutSignOfZero).toArray();
  }

  /** A layout with buckets that grow by a factor. */
  public static BucketLayout exponential(
      int schema, long zeroThresholdBits, BucketSpans positive, BucketSpans negative) {
    return new BucketLayout(schema, zeroThresholdBits, positive, negative, NO_BOUNDS);
  }

  /** A layout with given bounds. */
  public static BucketLayout custom(BucketSpans buckets, long[] customBounds) {
    return new BucketLayout(SCHEMA_CUSTOM, 0, buckets, BucketSpans.NONE, customBounds);
  }

  /** Whether histograms of this schema can be stored. */
  public static boolean isKnown(int schema) {
    return schema == SCHEMA_CUSTOM || (schema >= SCHEMA_MIN && schema <= SCHEMA_MAX);
  }

  /** This layout with other buckets. */
  public BucketLayout with(BucketSpans positives, BucketSpans negatives) {
    return new BucketLayout(schema, zeroThresholdBits, positives, negatives, customBounds);
  }

  /** Whether both divide the numbers alike but for {@link #customBounds}. */
  public boolean sameResolution(BucketLayout other) {
    return schema == other.schema
        && Double.longBitsToDouble(zeroThresholdBits)
            == Double.longBitsToDouble(other.zeroThresholdBits);
  }

  public boolean sameBounds(BucketLayout other) {
    return Arrays.equals(customBounds, other.customBounds);
  }

  private static long withoutSignOfZero(long bits) {
    return bits == NEGATIVE_ZERO ? 0 : bits;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof BucketLayout layout
        && schema == layout.schema
        && zeroThresholdBits == layout.zeroThresholdBits
        && positive.equals(layout.positive)
        && negative.equals(layout.negative)
        && Arrays.equals(customBounds, layout.customBounds);
  }

  @Override
  public int hashCode() {
    return (schema * 31 + positive.hashCode()) * 31 + negative.hashCode();
  }
}

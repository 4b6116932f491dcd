package io.rafttsdb.storage.model;

import org.jspecify.annotations.Nullable;

/**
 * A native histogram: how many observations fell into which bucket. Immutable; arrays belong to it.
 * Its arrays fit its layout; whether its numbers make sense, {@link #problem} says.
 */
public sealed interface NativeHistogram permits IntegerHistogram, FloatHistogram {

  BucketLayout layout();

  CounterResetHint hint();

  /** Bits of the sum of all observations; {@link Samples#STALE} marks the end of the series. */
  long sumBits();

  SampleKind kind();

  /** Whether this is a stale marker: then nothing but the hint means anything. */
  default boolean isStale() {
    return sumBits() == Samples.STALE;
  }

  /** A stale marker without the numbers that mean nothing; any other histogram as it is. */
  default NativeHistogram stripped() {
    if (!isStale()) {
      return this;
    }
    return switch (this) {
      case IntegerHistogram stale -> IntegerHistogram.stale(stale.hint());
      case FloatHistogram stale -> FloatHistogram.stale(stale.hint());
    };
  }

  /** The same observations, said to be so related to the histogram before. */
  NativeHistogram with(CounterResetHint hint);

  /**
   * The same observations in a layout that has all buckets of this one, more of them empty.
   *
   * @throws IllegalArgumentException where a bucket is lacking
   */
  NativeHistogram in(BucketLayout wider);

  /**
   * Whether both say the same, bit for bit: the same numbers in the same buckets, of a gauge or of
   * a counter. Empty buckets do not matter, since a chunk adds them, and neither does what the hint
   * says of a counter.
   */
  boolean sameSample(NativeHistogram other);

  /** Why Prometheus would refuse these numbers, or null where it would store them. */
  @Nullable String problem();
}

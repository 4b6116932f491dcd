package io.rafttsdb.storage.merge;

import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sample as tests compare it: two are equal when a user can't tell them apart.
 *
 * @param bits of a float; 0 for a histogram
 */
public record Sample(
    long timestampMs, SampleKind kind, long bits, @Nullable NativeHistogram histogram) {

  public static Sample of(long timestampMs, long bits) {
    return new Sample(timestampMs, SampleKind.FLOAT, bits, null);
  }

  public static Sample of(long timestampMs, NativeHistogram histogram) {
    return new Sample(timestampMs, histogram.kind(), 0, histogram);
  }

  /** What a cursor stands on. */
  public static Sample at(SampleCursor cursor) {
    return cursor.kind() == SampleKind.FLOAT
        ? of(cursor.timestampMs(), cursor.valueBits())
        : of(cursor.timestampMs(), cursor.histogram());
  }

  /** All that a cursor has from its next sample on. */
  public static List<Sample> rest(SampleCursor cursor) {
    List<Sample> samples = new ArrayList<>();
    while (cursor.next()) {
      samples.add(at(cursor));
    }
    return samples;
  }

  /**
   * Whether a histogram that says that it continues the one before it could be right: that one has
   * no more observations. What comes before the first sample is not known.
   */
  public static boolean hintsAreTrue(Collection<Sample> ordered) {
    Sample previous = null;
    for (Sample sample : ordered) {
      if (sample.histogram != null
          && sample.histogram.hint() == CounterResetHint.NOT_RESET
          && previous != null
          && !previous.countsUpTo(sample.histogram)) {
        return false;
      }
      previous = sample;
    }
    return true;
  }

  private boolean countsUpTo(NativeHistogram next) {
    if (histogram instanceof IntegerHistogram mine && next instanceof IntegerHistogram its) {
      return its.isStale() || Long.compareUnsigned(mine.count(), its.count()) <= 0;
    }
    if (histogram instanceof FloatHistogram mine && next instanceof FloatHistogram its) {
      return its.isStale()
          || Double.longBitsToDouble(mine.countBits()) <= Double.longBitsToDouble(its.countBits());
    }
    return false;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Sample sample
        && timestampMs == sample.timestampMs
        && kind == sample.kind
        && bits == sample.bits
        && (histogram == null
            || (sample.histogram != null && histogram.sameSample(sample.histogram)));
  }

  @Override
  public int hashCode() {
    return Long.hashCode(timestampMs);
  }
}

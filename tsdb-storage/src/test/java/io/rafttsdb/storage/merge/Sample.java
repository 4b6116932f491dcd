package io.rafttsdb.storage.merge;

import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import java.util.ArrayList;
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

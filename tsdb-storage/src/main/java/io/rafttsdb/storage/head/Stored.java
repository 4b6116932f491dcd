package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import org.jspecify.annotations.Nullable;

/** What a series has at a timestamp, beside a sample that came for it. */
enum Stored {
  NOTHING,
  SAME_VALUE,
  OTHER_VALUE;

  /** What a sample is that is there. */
  static Stored of(boolean isSame) {
    return isSame ? SAME_VALUE : OTHER_VALUE;
  }

  /**
   * What a sample is that is there, of a cursor that stands on it.
   *
   * @param valueBits of a float
   * @param histogram null for a float
   */
  static Stored of(SampleCursor there, long valueBits, @Nullable NativeHistogram histogram) {
    return of(
        histogram == null
            ? there.kind() == SampleKind.FLOAT && there.valueBits() == valueBits
            : there.kind() == histogram.kind() && there.histogram().sameSample(histogram));
  }
}

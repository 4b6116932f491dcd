package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Samples;

/**
 * The newest histogram of a chunk and how it changed: what the next one is written or read against.
 * Writing and reading leave the same state, but for the counts behind a stale marker, after which a
 * chunk has none but stale markers. For one thread.
 */
sealed interface HistogramFields permits IntegerFields, FloatFields {

  /** The state of an empty chunk. */
  static HistogramFields of(SampleKind kind, BucketLayout layout) {
    return switch (kind) {
      case HISTOGRAM -> new IntegerFields(layout);
      case FLOAT_HISTOGRAM -> new FloatFields(layout);
      case FLOAT -> throw new IllegalArgumentException("expected a kind of histogram, got " + kind);
    };
  }

  /** Writes the first histogram, of this layout. */
  void writeFirst(BitWriter out, NativeHistogram histogram);

  /** Writes a later histogram, of this layout or a stale marker. */
  void writeNext(BitWriter out, NativeHistogram histogram);

  void readFirst(BitReader in);

  void readNext(BitReader in);

  /** The newest histogram, which is no stale marker. */
  NativeHistogram histogram(CounterResetHint hint);

  long sumBits();

  default boolean isStale() {
    return sumBits() == Samples.STALE;
  }

  /** Memory of the state, in bytes: a function of the layout. */
  int stateBytes();
}

package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import java.util.List;

/** Walks the samples of another cursor that are not deleted. */
final class UndeletedCursor implements SampleCursor {

  private final SampleCursor samples;
  private final List<Interval> deleted;

  /** The first deleted interval that may reach what comes. */
  private int nextDeleted;

  /** Whether samples were passed over to come to the present one. */
  private boolean isAfterDeleted;

  private UndeletedCursor(SampleCursor samples, Intervals deleted) {
    this.samples = samples;
    this.deleted = deleted.ranges();
  }

  /**
   * @param samples a cursor that nobody has moved yet
   */
  static SampleCursor of(SampleCursor samples, Intervals deleted) {
    return deleted.isEmpty() ? samples : new UndeletedCursor(samples, deleted);
  }

  @Override
  public boolean next() {
    return pass(samples.next());
  }

  @Override
  public boolean seek(long timestampMs) {
    return pass(samples.seek(timestampMs));
  }

  private boolean pass(boolean isThere) {
    isAfterDeleted = false;
    boolean isOnSample = isThere;
    while (isOnSample) {
      long timestampMs = samples.timestampMs();
      while (nextDeleted < deleted.size() && deleted.get(nextDeleted).maxMs() < timestampMs) {
        nextDeleted++;
      }
      if (nextDeleted == deleted.size() || deleted.get(nextDeleted).minMs() > timestampMs) {
        return true;
      }
      isAfterDeleted = true;
      isOnSample = samples.next();
    }
    return false;
  }

  @Override
  public long timestampMs() {
    return samples.timestampMs();
  }

  @Override
  public long valueBits() {
    return samples.valueBits();
  }

  @Override
  public SampleKind kind() {
    return samples.kind();
  }

  /** After deleted samples, what it says of a counter reset would be about one of those. */
  @Override
  public NativeHistogram histogram() {
    NativeHistogram histogram = samples.histogram();
    return isAfterDeleted && histogram.hint() != CounterResetHint.GAUGE
        ? histogram.with(CounterResetHint.UNKNOWN)
        : histogram;
  }
}

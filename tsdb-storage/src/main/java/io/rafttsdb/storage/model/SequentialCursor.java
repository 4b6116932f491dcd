package io.rafttsdb.storage.model;

/** A cursor that has no shorter way to a time than to walk there, sample by sample. */
public interface SequentialCursor extends SampleCursor {

  /** Whether it stands on a sample: neither before the first nor at the end. */
  boolean isOnSample();

  @Override
  default boolean seek(long atOrAfterMs) {
    if (isOnSample() && timestampMs() >= atOrAfterMs) {
      return true;
    }
    while (next()) {
      if (timestampMs() >= atOrAfterMs) {
        return true;
      }
    }
    return false;
  }
}

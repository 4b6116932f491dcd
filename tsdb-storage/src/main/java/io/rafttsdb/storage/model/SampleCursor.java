package io.rafttsdb.storage.model;

/** Walks the samples of one series in order of time. For one thread; starts before the first. */
public interface SampleCursor {

  /** Moves to the next sample. False at the end, where it stays. */
  boolean next();

  /**
   * Moves to the first sample at or after a time, and never backwards: a cursor that is there
   * already stays where it is. False where there is none.
   */
  boolean seek(long timestampMs);

  /** Of the sample that it stands on, milliseconds since 1970. */
  long timestampMs();

  /**
   * The value's bits, exactly as they were written; {@link Samples#STALE} marks an end.
   *
   * @throws NotAFloat where it stands on a histogram
   */
  long valueBits();

  /** What the value of the sample is that it stands on; {@link #valueBits} is for floats only. */
  default SampleKind kind() {
    return SampleKind.FLOAT;
  }

  /**
   * The native histogram that it stands on, for the other kinds.
   *
   * @throws IllegalStateException where it stands on a float
   */
  default NativeHistogram histogram() {
    throw new IllegalStateException("a histogram was asked for at a sample of kind " + kind());
  }
}

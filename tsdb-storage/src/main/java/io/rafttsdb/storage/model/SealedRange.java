package io.rafttsdb.storage.model;

/**
 * Name and bounds of a part that was taken off the Head: samples with fromMs <= t < upToMs, both
 * ends aligned to block ranges. It becomes the block of this name.
 */
public record SealedRange(Ulid ulid, Kind kind, long fromMs, long upToMs) {

  /** Which samples of the range it has. */
  public enum Kind {
    /** All that came in order. */
    IN_ORDER,
    /** Those that came out of order since the last part of this kind for the range. */
    OUT_OF_ORDER
  }

  public SealedRange {
    if (fromMs >= upToMs) {
      throw new IllegalArgumentException("empty range [" + fromMs + ", " + upToMs + ")");
    }
  }

  /** Whether a time lies in it. */
  public boolean holds(long timestampMs) {
    return timestampMs >= fromMs && timestampMs < upToMs;
  }
}

package io.rafttsdb.storage.model;

/**
 * Name and bounds of a part that a cut took off the Head: the samples with fromMs <= t < upToMs,
 * both ends aligned to block ranges. It becomes the block of this name.
 */
public record SealedRange(Ulid ulid, long fromMs, long upToMs) {
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

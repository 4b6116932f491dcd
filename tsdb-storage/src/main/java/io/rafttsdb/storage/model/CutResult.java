package io.rafttsdb.storage.model;

import java.util.List;

/**
 * What became of a cut: the same on every replica, a function of the state before it and of what
 * was asked.
 */
public sealed interface CutResult {

  /**
   * Parts were sealed and wait for their blocks, oldest first. Without any, there were no samples
   * to seal, but the border moved.
   */
  record Sealed(List<SealedRange> ranges) implements CutResult {
    public Sealed {
      ranges = List.copyOf(ranges);
    }
  }

  /** Nothing was changed: the cut no longer fits the state. */
  record Refused(String reason) implements CutResult {}
}

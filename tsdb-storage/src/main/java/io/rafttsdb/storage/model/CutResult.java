package io.rafttsdb.storage.model;

/**
 * What became of a cut: the same on every replica, a function of the state before it and of what
 * was asked.
 */
public sealed interface CutResult {

  /** A part was sealed and waits for its block. */
  record Sealed(SealedRange range) implements CutResult {}

  /** There were no samples before the time; nothing waits, and none is accepted any more. */
  record Empty() implements CutResult {}

  /** Nothing was changed: the cut no longer fits the state. */
  record Refused(String reason) implements CutResult {}
}

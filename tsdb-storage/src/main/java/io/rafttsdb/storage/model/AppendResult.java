package io.rafttsdb.storage.model;

import java.util.List;

/**
 * What became of one {@link SampleBatch}: the same on every replica, a function of the state before
 * it and of its bytes.
 */
public sealed interface AppendResult {

  /**
   * Every sample was judged, one by one.
   *
   * @param stored samples that the state has now and had not before
   * @param repeated exact repeats of samples that it had
   * @param refusedCount samples refused
   * @param refused the first of the refused ones, at most {@link #REFUSED_KEPT_MAX}
   */
  record Judged(int stored, int repeated, int refusedCount, List<Refused> refused)
      implements AppendResult {
    public Judged {
      refused = List.copyOf(refused);
    }
  }

  /** A row named a ref that no series has (any more): nothing of the batch was applied. */
  record UnknownRef(long ref) implements AppendResult {}

  /** The engine has no settings yet: nothing of the batch was applied. */
  record NoSettings() implements AppendResult {}

  /** How many refused samples a result tells one by one. */
  int REFUSED_KEPT_MAX = 10;

  /** A sample refused: its row and its place among the batch's samples. */
  record Refused(int row, int sample, Reason reason) {}

  /** Why a sample is refused, in Prometheus's words. */
  enum Reason {
    OUT_OF_BOUNDS("out of bounds"),
    TOO_OLD("too old sample"),
    OUT_OF_ORDER("out of order sample"),
    DUPLICATE("duplicate sample for timestamp");

    private final String words;

    Reason(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }
}

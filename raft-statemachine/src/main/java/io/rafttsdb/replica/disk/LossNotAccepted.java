package io.rafttsdb.replica.disk;

import java.util.List;

/** What was asked for would lose data that this directory should have, and nobody agreed to it. */
public final class LossNotAccepted extends StartRefused {
  private static final long serialVersionUID = 1;

  /**
   * A refusal.
   *
   * @param losses a line each, none where nothing at all can be saved
   */
  public LossNotAccepted(String what, List<String> losses) {
    super(losses.isEmpty() ? what : what + ":\n  " + String.join("\n  ", losses));
  }
}

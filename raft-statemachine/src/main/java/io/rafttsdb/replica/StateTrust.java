package io.rafttsdb.replica;

/**
 * What the last comparison of the replicas means for this one. Set by the check, asked by any
 * thread.
 *
 * <pre>
 *   SOUND &lt;--&gt; SPLIT       as comparisons say
 *     |          |
 *     +----------+---&gt; DIVERGED ---&gt; REPLACED, until the replica is started anew
 * </pre>
 */
final class StateTrust {

  /** What is known of this node's state. */
  enum Level {
    /** Nothing speaks against it. */
    SOUND,
    /** The voters have different states, and no majority has the same. */
    SPLIT,
    /** A majority has another state. */
    DIVERGED,
    /** A majority has another state, and a snapshot of that is here: start anew. */
    REPLACED
  }

  private volatile Level level = Level.SOUND;

  Level level() {
    return level;
  }

  void set(Level found) {
    level = found;
  }

  /** Whether this node may decide for others what becomes of blocks. */
  boolean mayDecide() {
    return level == Level.SOUND;
  }

  /** Whether a majority has another state than this node, so that it must not answer. */
  boolean isDiverged() {
    return level == Level.DIVERGED || level == Level.REPLACED;
  }
}

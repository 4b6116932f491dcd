package io.rafttsdb.replica;

import org.jspecify.annotations.Nullable;

/** Why a replica could not do what it was asked. Expected while running; has no stack trace. */
public abstract sealed class ReplicaFailure extends Exception {
  private static final long serialVersionUID = 1;

  private ReplicaFailure(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }

  /** Only the leader takes writes, and this node is none. Nothing was stored. */
  public static final class NotLeader extends ReplicaFailure {
    private static final long serialVersionUID = 1;

    private final transient @Nullable Member leader;

    NotLeader(@Nullable Member leader) {
      super(leader == null ? "no leader is known" : "the leader is " + leader.name(), null);
      this.leader = leader;
    }

    /** The leader as this node knows it, or null. */
    public @Nullable Member leader() {
      return leader;
    }
  }

  /** Not now; the same request may be sent again, here or elsewhere. */
  public static final class Unavailable extends ReplicaFailure {
    private static final long serialVersionUID = 1;

    private final Outcome outcome;

    Unavailable(String reason, Outcome outcome, @Nullable Throwable cause) {
      super(reason, cause);
      this.outcome = outcome;
    }

    Unavailable(String reason, Outcome outcome) {
      this(reason, outcome, null);
    }

    public Outcome outcome() {
      return outcome;
    }
  }

  /** Too many bytes wait already. Nothing was stored; try again later. */
  public static final class Overloaded extends ReplicaFailure {
    private static final long serialVersionUID = 1;

    Overloaded(String reason) {
      super(reason, null);
    }
  }

  /**
   * The request is longer than a log entry may be. Nothing was stored, and nothing ever will be.
   */
  public static final class TooLarge extends ReplicaFailure {
    private static final long serialVersionUID = 1;

    TooLarge(long bytes, long bytesMax) {
      super(
          "the request takes "
              + bytes
              + " bytes in the log, at most "
              + bytesMax
              + ": send fewer samples at a time",
          null);
    }
  }

  /** What became of a request that failed. */
  public enum Outcome {
    /** It was not stored and will not be. */
    NOT_STORED,
    /** It was in the log of this node and may still become stored. */
    UNKNOWN
  }
}

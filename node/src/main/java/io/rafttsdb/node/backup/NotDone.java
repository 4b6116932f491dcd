package io.rafttsdb.node.backup;

/** Why a backup, an import or a restore was not done; the message is for the user. */
public final class NotDone extends Exception {
  private static final long serialVersionUID = 1L;

  /** What the user may do. */
  public enum Kind {
    /** Ask again, later or elsewhere. */
    NOT_NOW,
    /** Asking again gives the same. */
    REFUSED
  }

  private final Kind kind;

  NotDone(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}

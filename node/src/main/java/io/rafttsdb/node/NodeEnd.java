package io.rafttsdb.node;

/**
 * Why a node ends by itself.
 *
 * @param reason for the operator
 */
public record NodeEnd(Kind kind, String reason) {

  /** The process that started this one for its own purposes is gone. */
  public static final NodeEnd PARENT_ENDED =
      new NodeEnd(Kind.ASKED, "the process that started this node has ended");

  /** What kind of end it is. */
  public enum Kind {
    /** Somebody wanted it. */
    ASKED,
    /** It became a member, and its directory does not let it start. */
    START_REFUSED,
    /** Its disk has so little room left that its log could fail. */
    DISK_FULL
  }
}

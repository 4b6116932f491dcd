package io.rafttsdb.node.members;

import io.rafttsdb.node.config.MemberAddress;

/**
 * That a node shall be a voter.
 *
 * @param node its name, and where the others reach it
 */
record JoinGoal(Kind kind, MemberAddress node) {

  /** What the name was before. */
  enum Kind {
    /** Nobody's. */
    ADD,
    /** That of a member that is lost; its incarnation goes when the new one votes. */
    REPLACE
  }

  /** As {@code adding node4}. */
  String text() {
    return (kind == Kind.ADD ? "adding " : "replacing ") + node.name();
  }
}

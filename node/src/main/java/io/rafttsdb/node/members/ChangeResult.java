package io.rafttsdb.node.members;

/** What came of a request to change the members. The texts are for a person. */
sealed interface ChangeResult {

  /** It is as it was asked for, now or already. */
  record Done(String text) implements ChangeResult {}

  /** It goes on; the same request again tells more. */
  record Underway(String text) implements ChangeResult {}

  /** It will not be done, as things are. */
  record Refused(String text) implements ChangeResult {}

  /** There is nobody of that name. */
  record NoMember(String text) implements ChangeResult {}

  /** It can't be done now, or is not known to be; the same request may be sent again. */
  record NotNow(String text) implements ChangeResult {}

  /** Another node leads, or nobody does. */
  record LeaderElsewhere() implements ChangeResult {}
}

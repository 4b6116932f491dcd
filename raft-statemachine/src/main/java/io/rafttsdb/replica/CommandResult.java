package io.rafttsdb.replica;

/** What apply made of a command that is no append: the same on every replica. */
public sealed interface CommandResult {

  /** It was carried out. */
  record Done() implements CommandResult {}

  /**
   * It no longer fits the state, and nothing was changed: a repeat, or the plan of an old leader.
   */
  record Refused(String reason) implements CommandResult {}
}

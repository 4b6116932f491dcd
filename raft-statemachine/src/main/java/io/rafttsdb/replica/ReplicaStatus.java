package io.rafttsdb.replica;

import org.jspecify.annotations.Nullable;

/**
 * How a replica stands, as of one moment.
 *
 * @param leader as this node knows it, or null
 * @param commitIndex of the last entry known to be committed; -1 before any
 * @param appliedIndex of the last entry that queries see; -1 before any
 * @param snapshotIndex of the newest snapshot on this disk; -1 without one
 * @param ready whether this node can serve: {@code reason} is empty then
 * @param reason what it waits for, or why it can't
 * @param logFailed whether the log could not be written; it stays so until a restart
 * @param lifecycle of the Ratis division: RUNNING in a healthy replica
 */
public record ReplicaStatus(
    Role role,
    long term,
    @Nullable Member leader,
    long commitIndex,
    long appliedIndex,
    long snapshotIndex,
    boolean ready,
    String reason,
    boolean logFailed,
    String lifecycle) {

  /** Part that a node plays in the group. */
  public enum Role {
    LEADER,
    FOLLOWER,
    LISTENER,
    CANDIDATE,
    NONE
  }
}

package io.rafttsdb.command;

/**
 * An entry of a version, a kind or a section that this program does not know, although another node
 * wrote it. Going on would make the replicas differ, so the process stops.
 */
public final class UnknownFormat extends Exception {
  private static final long serialVersionUID = 1;

  UnknownFormat(String what, int found, String known) {
    super(
        "log entry with "
            + what
            + " "
            + found
            + ", this node knows "
            + known
            + ": a newer version wrote it, upgrade this node");
  }
}

package io.rafttsdb.node.cli;

/** What the process's exit code says; docs/operations.md has the same list. */
final class ExitCode {

  static final int OK = 0;

  /** A defect: an exception that nothing expected. */
  static final int DEFECT = 1;

  /** Wrong options or configuration. */
  static final int USAGE = 2;

  /** The data directory is in use, damaged or another node's. */
  static final int START_REFUSED = 3;

  /** Stopped by a failure while running: the log could not be written, or applying it failed. */
  static final int FAILED = 4;

  /** Of a command that asks a cluster: it refused, or did not answer. */
  static final int NOT_DONE = 5;

  /** Stopped cleanly because the disk was nearly full. */
  static final int DISK_FULL = 6;

  private ExitCode() {}
}

package io.rafttsdb.node.cluster;

/**
 * The node can't start from this data directory: it is in use, damaged, or not its own. The message
 * says what was found and what to do. The process ends with exit code 3.
 */
public final class StartRefused extends Exception {
  private static final long serialVersionUID = 1L;

  public StartRefused(String message) {
    super(message);
  }

  public StartRefused(String message, Throwable cause) {
    super(message, cause);
  }
}

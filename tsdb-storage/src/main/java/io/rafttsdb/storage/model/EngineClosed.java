package io.rafttsdb.storage.model;

/**
 * The storage engine was closed before a query had begun to read: another one, with a received
 * snapshot, has taken its place, or the node stops.
 */
public final class EngineClosed extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Keeps what was found closed. */
  public EngineClosed(Throwable cause) {
    super("the storage engine was just replaced; ask again", cause);
  }
}

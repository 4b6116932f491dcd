package io.rafttsdb.storage.model;

/**
 * A query needs full chunks of the Head that this node can't read from its disk. Other nodes can;
 * this one gets them again with a snapshot, or when their block is built or fetched.
 */
public final class UnreadableChunks extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Keeps the problem.
   *
   * @param reason names the file
   */
  public UnreadableChunks(String reason, Throwable cause) {
    super("full chunks can't be read on this node: " + reason + "; another node can answer", cause);
  }
}

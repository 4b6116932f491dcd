package io.rafttsdb.storage.model;

/**
 * A query needs a block that this node has not, or can't read. Another node has it; this one gets
 * it again. Never answered without it.
 */
public final class MissingBlock extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Ulid ulid;

  /**
   * Names the block.
   *
   * @param reason what this node has instead of it
   */
  public MissingBlock(Ulid ulid, String reason) {
    super(
        "block "
            + ulid
            + " can't be read on this node: "
            + reason
            + "; this node gets it again by itself, and another one can answer");
    this.ulid = ulid;
  }

  public Ulid ulid() {
    return ulid;
  }
}

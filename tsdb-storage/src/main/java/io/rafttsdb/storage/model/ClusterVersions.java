package io.rafttsdb.storage.model;

/**
 * What all members of a cluster can read and build, as a number that an entry of the log raises:
 * formats of entries, images and blocks that came with a version are written from that entry on.
 */
public final class ClusterVersions {

  /** Of a cluster before its first such entry. */
  public static final int NONE = 0;

  /**
   * The highest that this program knows. 1: the formats that docs/format describes; nothing depends
   * on it yet.
   */
  public static final int KNOWN = 1;

  private ClusterVersions() {}
}

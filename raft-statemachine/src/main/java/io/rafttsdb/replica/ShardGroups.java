package io.rafttsdb.replica;

import java.util.UUID;

/** The Raft groups of a cluster's shards. */
public final class ShardGroups {

  /** Shards that a cluster may have. */
  public static final int SHARDS_MAX = 16;

  private ShardGroups() {}

  /**
   * The id of a shard's group: the cluster's id, the shard's number exclusive-ored into its lowest
   * bits. So shard 0 has the cluster's id, each shard another, and two clusters' differ as their
   * random ids do.
   *
   * @param shard 0 or more, below {@link #SHARDS_MAX}
   */
  public static UUID groupId(UUID clusterId, int shard) {
    if (shard < 0 || shard >= SHARDS_MAX) {
      throw new IllegalArgumentException("shard " + shard + ", expected 0 to " + (SHARDS_MAX - 1));
    }
    return new UUID(
        clusterId.getMostSignificantBits(), clusterId.getLeastSignificantBits() ^ shard);
  }
}

package io.rafttsdb.replica;

import io.rafttsdb.storage.model.Labels;

/**
 * Which shard a series belongs to: by a hash of its canonical label bytes, the same on all nodes
 * and for ever, since a cluster's series stay where they are. docs/format/routing.md describes it.
 */
public final class ShardRouting {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;
  private static final long MIX_1 = 0xff51afd7ed558ccdL;
  private static final long MIX_2 = 0xc4ceb9fe1a85ec53L;

  private ShardRouting() {}

  /**
   * A series' shard.
   *
   * @param shards of the cluster, at least one
   * @return 0 or more, below {@code shards}
   */
  public static int shardOf(Labels labels, int shards) {
    return (int) Math.unsignedMultiplyHigh(hash(labels.canonical()), shards);
  }

  /** FNV-1a, whose high bits alone say little, finished as MurmurHash3 does. */
  static long hash(byte[] canonical) {
    long hash = FNV_OFFSET;
    for (byte b : canonical) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    hash = (hash ^ hash >>> 33) * MIX_1;
    hash = (hash ^ hash >>> 33) * MIX_2;
    return hash ^ hash >>> 33;
  }
}

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
    byte[] canonical = labels.canonical();
    return shardOf(add(begin(), canonical, 0, canonical.length), shards);
  }

  /** Of no bytes yet, for {@link #add}. */
  public static long begin() {
    return FNV_OFFSET;
  }

  /** Goes on with the next canonical bytes of a series, in [from, to): FNV-1a. */
  public static long add(long begun, byte[] bytes, int from, int to) {
    long hash = begun;
    for (int i = from; i < to; i++) {
      hash = (hash ^ (bytes[i] & 0xff)) * FNV_PRIME;
    }
    return hash;
  }

  /**
   * The shard of a series all of whose bytes were added.
   *
   * @return 0 or more, below {@code shards}
   */
  public static int shardOf(long added, int shards) {
    return (int) Math.unsignedMultiplyHigh(finish(added), shards);
  }

  /** FNV-1a's high bits alone say little; this is how MurmurHash3 finishes. */
  static long finish(long added) {
    long hash = (added ^ added >>> 33) * MIX_1;
    hash = (hash ^ hash >>> 33) * MIX_2;
    return hash ^ hash >>> 33;
  }
}

package io.rafttsdb.replica.duty;

import io.rafttsdb.storage.model.Settings;

/**
 * How a node works on its blocks; what becomes of them the replicated settings say.
 *
 * @param headBytesEarly size of the Head from which this node, as the leader, seals samples out of
 *     order before their window is over
 * @param bytesPerSecond rate of background reading, and of writing
 * @param shards how many the cluster has: of the size that all blocks may have each has an equal
 *     part
 */
public record BlockPolicy(long headBytesEarly, long bytesPerSecond, int shards) {

  public static final BlockPolicy DEFAULT = new BlockPolicy(512L << 20, 64L << 20, 1);

  public BlockPolicy {
    if (headBytesEarly <= 0 || bytesPerSecond <= 0 || shards < 1) {
      throw new IllegalArgumentException(
          "block policy of Head "
              + headBytesEarly
              + " bytes, "
              + bytesPerSecond
              + " bytes a second, "
              + shards
              + " shards; expected all above 0");
    }
  }

  /** A shard's part of the size that the blocks of all may have. */
  long shareOf(long retentionBytes) {
    return retentionBytes == Settings.UNLIMITED
        ? retentionBytes
        : Math.max(1, retentionBytes / shards);
  }

  /** The same of one of some shards: whatever the node has for all is shared evenly. */
  public BlockPolicy ofOne(int ofShards) {
    return new BlockPolicy(
        Math.max(1, headBytesEarly / ofShards), Math.max(1, bytesPerSecond / ofShards), ofShards);
  }
}

package io.rafttsdb.replica.duty;

/**
 * How a node works on its blocks; what becomes of them the replicated settings say.
 *
 * @param headBytesEarly size of the Head from which this node, as the leader, seals samples out of
 *     order before their window is over
 * @param bytesPerSecond rate of background reading, and of writing
 */
public record BlockPolicy(long headBytesEarly, long bytesPerSecond) {

  public static final BlockPolicy DEFAULT = new BlockPolicy(512L << 20, 64L << 20);

  public BlockPolicy {
    if (headBytesEarly <= 0 || bytesPerSecond <= 0) {
      throw new IllegalArgumentException(
          "block policy of Head "
              + headBytesEarly
              + " bytes, "
              + bytesPerSecond
              + " bytes a second; expected both above 0");
    }
  }
}

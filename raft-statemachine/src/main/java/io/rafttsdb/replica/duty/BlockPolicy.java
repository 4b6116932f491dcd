package io.rafttsdb.replica.duty;

import io.rafttsdb.storage.compact.BlockRanges;
import io.rafttsdb.storage.compact.RetentionPlanner;
import java.time.Duration;

/**
 * How a shard keeps its blocks. The leader's counts; give all nodes the same.
 *
 * @param retentionMs age from which blocks go, in milliseconds; {@link Long#MAX_VALUE}: none goes
 * @param retentionBytes size of all blocks from which the oldest go; {@link Long#MAX_VALUE}: any
 * @param rangeFactor how many blocks of a range make one of the next, 2 to 16
 * @param headBytesEarly size of the Head from which samples out of order are sealed before their
 *     window is over
 * @param bytesPerSecond rate of background reading, and of writing, on each node
 */
public record BlockPolicy(
    long retentionMs,
    long retentionBytes,
    int rangeFactor,
    long headBytesEarly,
    long bytesPerSecond) {

  /** Prometheus's default age, no limit of size. */
  public static final BlockPolicy DEFAULT =
      new BlockPolicy(
          Duration.ofDays(15).toMillis(),
          Long.MAX_VALUE,
          BlockRanges.FACTOR_DEFAULT,
          512L << 20,
          64L << 20);

  public BlockPolicy {
    if (retentionMs <= 0 || retentionBytes <= 0 || headBytesEarly <= 0 || bytesPerSecond <= 0) {
      throw new IllegalArgumentException(
          "block policy of "
              + retentionMs
              + " ms, "
              + retentionBytes
              + " bytes, Head "
              + headBytesEarly
              + " bytes, "
              + bytesPerSecond
              + " bytes a second; expected all above 0");
    }
  }

  RetentionPlanner.Limits retention() {
    return new RetentionPlanner.Limits(retentionMs, retentionBytes);
  }

  BlockRanges ranges(long blockRangeMs) {
    return retentionMs == Long.MAX_VALUE
        ? BlockRanges.of(blockRangeMs, rangeFactor)
        : BlockRanges.of(blockRangeMs, rangeFactor, retentionMs);
  }
}

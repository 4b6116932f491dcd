package io.rafttsdb.storage.model;

import java.time.Duration;

/**
 * The replicated settings of a storage engine, part of its state: apply and the leader's planner
 * read them.
 *
 * @param blockRangeMs length of a block and the range that chunks are aligned to; fixed once set
 * @param outOfOrderWindowMs how far behind its series' newest sample a sample may come; 0: never
 * @param retentionMs age from which blocks go; {@link #UNLIMITED}: none goes
 * @param retentionBytes size of all blocks from which the oldest go; {@link #UNLIMITED}: any
 * @param rangeFactor how many blocks of a range make one of the next, 2 to 16
 */
public record Settings(
    long blockRangeMs,
    long outOfOrderWindowMs,
    long retentionMs,
    long retentionBytes,
    int rangeFactor) {

  /** Two hours, as Prometheus has it. */
  public static final long BLOCK_RANGE_DEFAULT_MS = 2 * 60 * 60 * 1000L;

  /** Fifteen days, as Prometheus has it. */
  public static final long RETENTION_DEFAULT_MS = Duration.ofDays(15).toMillis();

  /** No limit of age, or of size. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  public static final int RANGE_FACTOR_DEFAULT = 2;

  private static final long BLOCK_RANGE_MIN_MS = 1000;
  private static final long BLOCK_RANGE_MAX_MS = 31L * 24 * 60 * 60 * 1000;
  private static final int RANGE_FACTOR_MIN = 2;
  private static final int RANGE_FACTOR_MAX = 16;

  public Settings {
    if (blockRangeMs < BLOCK_RANGE_MIN_MS || blockRangeMs > BLOCK_RANGE_MAX_MS) {
      throw new IllegalArgumentException(
          "block range of " + blockRangeMs + " ms, expected 1 s to 31 d");
    }
    if (outOfOrderWindowMs < 0) {
      throw new IllegalArgumentException(
          "out-of-order window of " + outOfOrderWindowMs + " ms, expected 0 or more");
    }
    if (retentionMs <= 0 || retentionBytes <= 0) {
      throw new IllegalArgumentException(
          "retention of "
              + retentionMs
              + " ms and "
              + retentionBytes
              + " bytes, expected both above 0");
    }
    if (rangeFactor < RANGE_FACTOR_MIN || rangeFactor > RANGE_FACTOR_MAX) {
      throw new IllegalArgumentException(
          "block range factor of " + rangeFactor + ", expected 2 to 16");
    }
  }

  /** Settings with the default retention and factor. */
  public Settings(long blockRangeMs, long outOfOrderWindowMs) {
    this(blockRangeMs, outOfOrderWindowMs, RETENTION_DEFAULT_MS, UNLIMITED, RANGE_FACTOR_DEFAULT);
  }
}

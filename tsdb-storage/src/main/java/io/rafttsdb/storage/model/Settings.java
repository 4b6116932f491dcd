package io.rafttsdb.storage.model;

/**
 * The replicated settings of a storage engine, part of its state: apply reads them.
 *
 * @param blockRangeMs length of a block and the range that chunks are aligned to; fixed once set
 * @param outOfOrderWindowMs how far behind its series' newest sample a sample may come; 0: never
 */
public record Settings(long blockRangeMs, long outOfOrderWindowMs) {

  /** Two hours, as Prometheus has it. */
  public static final long BLOCK_RANGE_DEFAULT_MS = 2 * 60 * 60 * 1000L;

  private static final long BLOCK_RANGE_MIN_MS = 1000;
  private static final long BLOCK_RANGE_MAX_MS = 31L * 24 * 60 * 60 * 1000;

  public Settings {
    if (!isBlockRange(blockRangeMs)) {
      throw new IllegalArgumentException(
          "block range of " + blockRangeMs + " ms, expected 1 s to 31 d");
    }
    if (outOfOrderWindowMs < 0) {
      throw new IllegalArgumentException("out-of-order window of " + outOfOrderWindowMs + " ms");
    }
  }

  /** Whether settings can have these values. */
  public static boolean isValid(long blockRangeMs, long outOfOrderWindowMs) {
    return isBlockRange(blockRangeMs) && outOfOrderWindowMs >= 0;
  }

  private static boolean isBlockRange(long rangeMs) {
    return rangeMs >= BLOCK_RANGE_MIN_MS && rangeMs <= BLOCK_RANGE_MAX_MS;
  }
}

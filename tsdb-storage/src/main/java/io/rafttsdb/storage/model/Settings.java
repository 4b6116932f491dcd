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

  public Settings {
    if (blockRangeMs < 1000 || blockRangeMs > 31L * 24 * 60 * 60 * 1000) {
      throw new IllegalArgumentException(
          "block range of " + blockRangeMs + " ms, expected 1 s to 31 d");
    }
    if (outOfOrderWindowMs < 0) {
      throw new IllegalArgumentException("out-of-order window of " + outOfOrderWindowMs + " ms");
    }
  }
}

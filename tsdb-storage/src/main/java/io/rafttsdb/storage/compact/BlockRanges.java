package io.rafttsdb.storage.compact;

import java.util.ArrayList;
import java.util.List;

/**
 * The ladder of ranges that blocks grow along: each is the one before times a factor.
 *
 * @param rangesMs lengths in milliseconds, growing; the first is that of the Head's blocks
 */
public record BlockRanges(List<Long> rangesMs) {

  /** Two blocks make one of the next range. */
  public static final int FACTOR_DEFAULT = 2;

  /** No compaction aims at a longer block: 31 days. */
  public static final long LONGEST_MS = 31L * 24 * 60 * 60 * 1000;

  /** A block is to be no longer than this part of the retention, which drops whole blocks only. */
  private static final int RETENTION_PARTS = 10;

  private static final int FACTOR_MAX = 16;

  public BlockRanges {
    rangesMs = List.copyOf(rangesMs);
    if (rangesMs.isEmpty() || rangesMs.getFirst() <= 0) {
      throw new IllegalArgumentException("block ranges " + rangesMs + ", expected one above 0");
    }
    for (int i = 1; i < rangesMs.size(); i++) {
      if (rangesMs.get(i) <= rangesMs.get(i - 1) || rangesMs.get(i) % rangesMs.get(i - 1) != 0) {
        throw new IllegalArgumentException(
            "block ranges " + rangesMs + ", expected each to be a multiple of the one before");
      }
    }
  }

  /**
   * The ladder of a shard without a limit of age.
   *
   * @param blockRangeMs range of the Head's blocks; always the first, even above the cap
   * @param factor from 2 to 16; 3 gives Prometheus's ranges
   */
  public static BlockRanges of(long blockRangeMs, int factor) {
    return upTo(blockRangeMs, factor, LONGEST_MS);
  }

  /**
   * The ladder of a shard that keeps its data for so long; the longest range is a tenth of it.
   *
   * @param retentionMs above 0
   */
  public static BlockRanges of(long blockRangeMs, int factor, long retentionMs) {
    if (retentionMs <= 0) {
      throw new IllegalArgumentException("retention of " + retentionMs + " ms, expected above 0");
    }
    return upTo(blockRangeMs, factor, Math.min(LONGEST_MS, retentionMs / RETENTION_PARTS));
  }

  private static BlockRanges upTo(long blockRangeMs, int factor, long capMs) {
    if (factor < 2 || factor > FACTOR_MAX) {
      throw new IllegalArgumentException("factor " + factor + ", expected 2 to " + FACTOR_MAX);
    }
    List<Long> ranges = new ArrayList<>();
    ranges.add(blockRangeMs);
    for (long range = blockRangeMs; range <= capMs / factor; ) {
      range *= factor;
      ranges.add(range);
    }
    return new BlockRanges(ranges);
  }

  /** All but the first. */
  List<Long> aboveFirst() {
    return rangesMs.subList(1, rangesMs.size());
  }

  /** The one in the middle: shorter blocks aren't rewritten for a few tombstones. */
  long middleMs() {
    return rangesMs.get(rangesMs.size() / 2);
  }
}

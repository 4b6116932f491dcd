package io.rafttsdb.storage.compact;

import io.rafttsdb.storage.manifest.Manifest;
import java.util.OptionalLong;

/**
 * Chooses where the Head is cut: a pure function. The Head is cut when it spans more than one and a
 * half block ranges R, at the end of the aligned range that its oldest sample is in, as Prometheus
 * does (tsdb/head.go, compactable); so a sealed part becomes one block of the ladder's first range.
 *
 * <p>That end is never above headMax - R/2, the bound below which samples are too old anyway: a cut
 * refuses nothing that was accepted before it. (The oldest sample's range ends at most R after it,
 * and the newest sample is more than 1.5 R after it.)
 */
public final class CutPlanner {

  private CutPlanner() {}

  /**
   * What the Head holds.
   *
   * @param minMs oldest timestamp
   * @param maxMs newest timestamp
   * @param sealedUpToMs end, exclusive, of what was cut before; {@link Long#MIN_VALUE}: nothing was
   * @param sealedParts cut parts that wait for their blocks; with {@link Manifest#WAITING_MAX} of
   *     them there is no cut
   */
  public record HeadSpan(long minMs, long maxMs, long sealedUpToMs, int sealedParts) {
    public HeadSpan {
      if (minMs > maxMs) {
        throw new IllegalArgumentException("Head from " + minMs + " to " + maxMs);
      }
      if (sealedParts < 0) {
        throw new IllegalArgumentException(sealedParts + " sealed parts");
      }
    }
  }

  /**
   * The end, exclusive, of what to seal next, a multiple of the block range; or no cut.
   *
   * @param blockRangeMs R, above 0
   */
  public static OptionalLong upToMs(HeadSpan head, long blockRangeMs) {
    if (blockRangeMs <= 0) {
      throw new IllegalArgumentException("block range of " + blockRangeMs + " ms");
    }
    long oldestMs = Math.max(head.minMs, head.sealedUpToMs);
    if (head.sealedParts >= Manifest.WAITING_MAX
        || !spansMore(oldestMs, head.maxMs, blockRangeMs)) {
      return OptionalLong.empty();
    }
    long rangeStartMs = oldestMs - Math.floorMod(oldestMs, blockRangeMs);
    return OptionalLong.of(rangeStartMs + blockRangeMs);
  }

  /** Whether the newest sample is more than 1.5 R after the oldest, without overflow. */
  private static boolean spansMore(long oldestMs, long newestMs, long rangeMs) {
    if (newestMs < oldestMs) {
      return false;
    }
    long spanMs = newestMs - oldestMs;
    boolean isBeyondLong = spanMs < 0;
    return isBeyondLong || spanMs - rangeMs > rangeMs / 2;
  }
}

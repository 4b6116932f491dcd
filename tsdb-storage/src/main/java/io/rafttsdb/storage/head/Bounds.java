package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.AppendResult.Reason;
import org.jspecify.annotations.Nullable;

/**
 * From which times on samples are accepted, as it is at the start of a request.
 *
 * @param minValidMs samples from here on may begin a series or go on with one
 * @param windowStartMs samples from here on may come out of order; of no meaning without a window
 */
record Bounds(long minValidMs, boolean hasWindow, long windowStartMs) {

  /**
   * @param maxMs newest timestamp of all
   */
  static Bounds of(long minValidMs, long windowMs, long maxMs) {
    long startMs = maxMs < Long.MIN_VALUE + windowMs ? Long.MIN_VALUE : maxMs - windowMs;
    return new Bounds(minValidMs, windowMs > 0, startMs);
  }

  /** Why a sample is refused whatever is stored, or null. */
  @Nullable Reason refusalOf(long timestampMs) {
    if (timestampMs >= minValidMs || (hasWindow && timestampMs >= windowStartMs)) {
      return null;
    }
    return hasWindow ? Reason.TOO_OLD : Reason.OUT_OF_BOUNDS;
  }

  /** Why a sample that is not there is refused where it would be out of order, or null. */
  @Nullable Reason refusalOutOfOrder(long timestampMs) {
    if (!hasWindow) {
      return Reason.OUT_OF_ORDER;
    }
    return timestampMs < windowStartMs ? Reason.TOO_OLD : null;
  }
}

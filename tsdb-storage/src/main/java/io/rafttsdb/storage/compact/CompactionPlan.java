package io.rafttsdb.storage.compact;

import io.rafttsdb.storage.model.Ulid;
import java.util.List;

/**
 * Blocks to be merged into one.
 *
 * @param sources in the order in which they entered the manifest: of samples with equal timestamps
 *     that of the first source stays. The result takes the place of the first among the blocks of
 *     the manifest
 * @param minMs start of the result's range
 * @param endMs end of the result's range, exclusive
 */
public record CompactionPlan(Reason reason, List<Ulid> sources, long minMs, long endMs) {

  /** Why. */
  public enum Reason {
    /** Blocks have ranges in common. */
    OVERLAP,
    /** Blocks that make one of the next range. */
    RANGE,
    /** A block of which much is deleted is written anew without that. */
    TOMBSTONES
  }

  public CompactionPlan {
    sources = List.copyOf(sources);
    if (sources.isEmpty() || (reason != Reason.TOMBSTONES && sources.size() < 2)) {
      throw new IllegalArgumentException(reason + " of " + sources.size() + " blocks");
    }
    if (minMs >= endMs) {
      throw new IllegalArgumentException("empty range [" + minMs + ", " + endMs + ")");
    }
  }
}

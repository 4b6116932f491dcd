package io.rafttsdb.storage.compact;

import io.rafttsdb.storage.model.Ulid;
import java.util.Comparator;

/**
 * What the planners know of a block of the manifest.
 *
 * @param minMs start of its range
 * @param endMs end of its range, exclusive
 * @param level 1 for a block of the Head's, one more than its highest source otherwise
 * @param series series that it holds
 * @param tombstones deleted intervals of its series that are not baked in yet
 * @param sizeBytes size of its files
 * @param excluded whether no compaction may take it: one failed with it before, or it is still
 *     being built, or is a source of work that is under way
 */
public record BlockEntry(
    Ulid ulid,
    long minMs,
    long endMs,
    int level,
    long series,
    long tombstones,
    long sizeBytes,
    boolean excluded) {

  /** By start; where starts are equal, by name. */
  static final Comparator<BlockEntry> BY_START =
      Comparator.comparingLong(BlockEntry::minMs).thenComparing(BlockEntry::ulid);

  public BlockEntry {
    if (minMs >= endMs) {
      throw new IllegalArgumentException(
          "block " + ulid + " with the empty range [" + minMs + ", " + endMs + ")");
    }
    if (level < 1 || series < 0 || tombstones < 0 || sizeBytes < 0) {
      throw new IllegalArgumentException(
          "block %s of level %d with %d series, %d tombstones, %d bytes"
              .formatted(ulid, level, series, tombstones, sizeBytes));
    }
  }
}

package io.rafttsdb.storage.compact;

import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.Ulid;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;

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
          "block "
              + ulid
              + " of level "
              + level
              + " with "
              + series
              + " series, "
              + tombstones
              + " tombstones, "
              + sizeBytes
              + " bytes");
    }
  }

  /** The blocks of a manifest that retention may choose from: all that are built. */
  public static List<BlockEntry> built(Manifest manifest) {
    return manifest.parts().stream()
        .filter(ManifestPart::isBuilt)
        .map(part -> of(part, ulid -> 0, Set.of()))
        .toList();
  }

  /**
   * The parts of a manifest for the planner of compactions, in the manifest's order. Those that
   * wait for their blocks, and the sources of ordered compactions, are excluded.
   *
   * @param tombstones how many a block has; asked for built parts only
   * @param failed parts that a compaction failed with
   */
  public static List<BlockEntry> of(
      Manifest manifest, ToLongFunction<Ulid> tombstones, Set<Ulid> failed) {
    Set<Ulid> busy = new HashSet<>(failed);
    manifest.compactions().forEach(ordered -> busy.addAll(ordered.sources()));
    return manifest.parts().stream().map(part -> of(part, tombstones, busy)).toList();
  }

  private static BlockEntry of(ManifestPart part, ToLongFunction<Ulid> tombstones, Set<Ulid> busy) {
    BlockFacts facts = part.facts();
    return facts == null
        ? new BlockEntry(part.ulid(), part.minMs(), part.endMs(), part.level(), 0, 0, 0, true)
        : new BlockEntry(
            part.ulid(),
            part.minMs(),
            part.endMs(),
            part.level(),
            facts.series(),
            tombstones.applyAsLong(part.ulid()),
            facts.sizeBytes(),
            busy.contains(part.ulid()));
  }
}

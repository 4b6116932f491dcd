package io.rafttsdb.storage.manifest;

import io.rafttsdb.storage.model.Ulid;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of the samples below the Head: sealed and waiting for its block, or with one.
 *
 * @param minMs start of its range
 * @param endMs end of its range, exclusive
 * @param level 1 for a sealed or imported part, one more than the highest source otherwise
 * @param sources the sealed and imported parts that went into it, ascending; such a part names
 *     itself
 * @param bakedDelete deletes up to this number have no effect on it: they came before it, or were
 *     carried out when it was built
 * @param parents what a compaction made it of, in order; empty for all others. They stand in for it
 *     on a node that has not built it yet
 * @param facts of its block, or null while no majority has built it
 */
public record ManifestPart(
    Ulid ulid,
    Origin origin,
    long minMs,
    long endMs,
    int level,
    List<Ulid> sources,
    long bakedDelete,
    List<Parent> parents,
    @Nullable BlockFacts facts) {

  /** Where the samples of a part come from. */
  public enum Origin {
    /** Cut off the Head, in order. */
    HEAD,
    /** Cut off the Head, out of order. */
    OUT_OF_ORDER,
    /** Merged from other parts. */
    COMPACTION,
    /** A block of another storage. */
    IMPORT
  }

  /**
   * A part that went into another one.
   *
   * @param carriedOut deletes that it bore and the result does not bear
   */
  public record Parent(Ulid ulid, List<BlockDelete> carriedOut) {
    public Parent {
      carriedOut = List.copyOf(carriedOut);
    }
  }

  public ManifestPart {
    sources = List.copyOf(sources);
    parents = List.copyOf(parents);
    if (minMs >= endMs) {
      throw new IllegalArgumentException(
          "part " + ulid + " with the empty range [" + minMs + ", " + endMs + ")");
    }
    if (level < 1 || sources.isEmpty() || bakedDelete < 0) {
      throw new IllegalArgumentException(
          "part "
              + ulid
              + " of level "
              + level
              + " with "
              + sources.size()
              + " sources and baked delete "
              + bakedDelete);
    }
    boolean isMerged = origin == Origin.COMPACTION;
    boolean isWithoutWaiting = isMerged || origin == Origin.IMPORT;
    if (isMerged == parents.isEmpty() || (isWithoutWaiting && facts == null)) {
      throw new IllegalArgumentException(
          "part " + ulid + " of origin " + origin + " with " + parents.size() + " parents");
    }
  }

  /** Whether a majority has its block. */
  public boolean isBuilt() {
    return facts != null;
  }

  /** Whether it has a time of [fromMs, toMs). */
  public boolean overlaps(long fromMs, long toMs) {
    return minMs < toMs && fromMs < endMs;
  }

  ManifestPart withFacts(BlockFacts found) {
    return new ManifestPart(
        ulid, origin, minMs, endMs, level, sources, bakedDelete, parents, found);
  }
}

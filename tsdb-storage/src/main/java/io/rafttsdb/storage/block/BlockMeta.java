package io.rafttsdb.storage.block;

import io.rafttsdb.storage.model.Ulid;
import java.util.List;

/**
 * What a block's meta.json says: its name, its time range, how much it holds and what it was made
 * of.
 *
 * @param minMs start of its time range, included
 * @param endMs end of its time range, not included; the file calls it maxTime
 */
public record BlockMeta(Ulid ulid, long minMs, long endMs, Stats stats, Compaction compaction) {

  /** The version of the block format; the only one there is. */
  public static final int VERSION = 1;

  public BlockMeta {
    if (minMs >= endMs) {
      throw new IllegalArgumentException(
          "block " + ulid + ": expected a time range, got [" + minMs + ", " + endMs + ")");
    }
  }

  /**
   * How much a block holds.
   *
   * @param samples of all kinds
   * @param floatSamples 0 also where an older writer did not count them apart
   * @param histogramSamples native histograms of both kinds; 0 like floatSamples
   * @param tombstones intervals in the tombstones file: derived, not part of the block's identity
   */
  public record Stats(
      long samples,
      long floatSamples,
      long histogramSamples,
      long series,
      long chunks,
      long tombstones) {

    public Stats {
      long least = Math.min(Math.min(samples, series), Math.min(chunks, tombstones));
      if (least < 0 || floatSamples < 0 || histogramSamples < 0) {
        throw new IllegalArgumentException(
            "a negative count among "
                + samples
                + " samples, "
                + floatSamples
                + " floats, "
                + histogramSamples
                + " histograms, "
                + series
                + " series, "
                + chunks
                + " chunks, "
                + tombstones
                + " tombstones");
      }
    }

    /** The same with another count of tombstones. */
    public Stats withTombstones(long count) {
      return new Stats(samples, floatSamples, histogramSamples, series, chunks, count);
    }
  }

  /** A block that went into another one directly. */
  public record Parent(Ulid ulid, long minMs, long endMs) {}

  /**
   * Where a block comes from.
   *
   * @param level 1 for a block from a Head, one more than the highest of its parents otherwise
   * @param sources the level 1 blocks in it, ascending; a block from a Head names itself
   * @param parents the blocks that it was made of directly; it replaces them
   * @param deletable nothing is in it: it may go
   * @param failed it could not be compacted and is to be left alone
   * @param hints words for the planner, such as {@link #FROM_OUT_OF_ORDER}
   */
  public record Compaction(
      int level,
      List<Ulid> sources,
      List<Parent> parents,
      boolean deletable,
      boolean failed,
      List<String> hints) {

    /** The hint of a block of samples that came out of order. */
    public static final String FROM_OUT_OF_ORDER = "from-out-of-order";

    public Compaction {
      sources = List.copyOf(sources);
      parents = List.copyOf(parents);
      hints = List.copyOf(hints);
      if (level < 0) {
        throw new IllegalArgumentException("compaction level " + level);
      }
    }

    /** Of a block from a Head. */
    public static Compaction ofHead(Ulid ulid) {
      return new Compaction(1, List.of(ulid), List.of(), false, false, List.of());
    }

    /** The same, marked as without content. */
    public Compaction asDeletable() {
      return new Compaction(level, sources, parents, true, failed, hints);
    }
  }

  /** The same with another count of tombstones. */
  public BlockMeta withTombstones(long count) {
    return new BlockMeta(ulid, minMs, endMs, stats.withTombstones(count), compaction);
  }
}

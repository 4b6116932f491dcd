package io.rafttsdb.storage.compact;

import io.rafttsdb.storage.compact.CompactionPlan.Reason;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses the next compaction of a shard from its manifest: a pure function. The steps are those of
 * Prometheus (tsdb/compact.go, plan); the first that finds something decides:
 *
 * <ol>
 *   <li>{@linkplain Reason#OVERLAP overlaps}: the first run of blocks that have ranges in common,
 *       the newest block too
 *   <li>{@linkplain Reason#RANGE ranges}, without the newest block: for each range of the ladder
 *       above the first, from short to long, the first aligned window with more than one block
 *       wholly within it, if the blocks span it from end to end, or end before the newest of the
 *       remaining begins, so that nothing more will come to it
 *   <li>{@linkplain Reason#TOMBSTONES tombstones}, without the newest block, from new to old: a
 *       block with more than one tombstone for 20 series; of the blocks below the ladder's middle
 *       range only the newest, and only where as many tombstones as series may have emptied it
 * </ol>
 *
 * <p>Where it differs from Prometheus, whose planner looks at what lies on the disk of one server:
 *
 * <ul>
 *   <li>A block that is {@linkplain BlockEntry#excluded excluded} is no source in any step
 *       (Prometheus looks at this in the second alone, and would try a failing overlap for ever),
 *       nor are blocks that overlap such a one, directly or through others. So the blocks outside
 *       of a plan never overlap its sources, and the result may take the place of the first source
 *       in the manifest without another sample winning anywhere: a compaction changes no answer.
 *   <li>Blocks with equal starts are in the order of their ULIDs, not in any.
 *   <li>The ladder's factor is the caller's, and has no limit of ten ranges.
 * </ul>
 *
 * <p>One plan at a time: the blocks of a plan under way are excluded, or no other is asked for.
 */
public final class CompactionPlanner {

  /** Share of tombstones to series above which a block is rewritten. */
  private static final double TOMBSTONES_SHARE = 0.05;

  private CompactionPlanner() {}

  /**
   * The next compaction, or nothing to do.
   *
   * @param manifest all blocks, in the order in which they entered the manifest
   */
  public static Optional<CompactionPlan> plan(List<BlockEntry> manifest, BlockRanges ranges) {
    List<BlockEntry> byStart = manifest.stream().sorted(BlockEntry.BY_START).toList();
    List<List<BlockEntry>> runs = overlappingRuns(byStart);
    Set<Ulid> blocked = blockedOf(runs);
    List<BlockEntry> olders = byStart.subList(0, Math.max(0, byStart.size() - 1));
    return firstOverlap(runs, blocked)
        .map(run -> planOf(Reason.OVERLAP, run, manifest))
        .or(() ->
            firstFullWindow(olders, blocked, ranges)
                .map(window -> planOf(Reason.RANGE, window, manifest)))
        .or(() ->
            newestWithTombstones(olders, blocked, ranges)
                .map(block -> planOf(Reason.TOMBSTONES, List.of(block), manifest)));
  }

  private static CompactionPlan planOf(
      Reason reason, List<BlockEntry> blocks, List<BlockEntry> manifest) {
    List<Ulid> sources = manifest.stream().filter(blocks::contains).map(BlockEntry::ulid).toList();
    return new CompactionPlan(reason, sources, blocks.getFirst().minMs(), endMsOf(blocks));
  }

  /** Blocks grouped such that those of two groups have no time in common; all by start. */
  private static List<List<BlockEntry>> overlappingRuns(List<BlockEntry> byStart) {
    List<List<BlockEntry>> runs = new ArrayList<>();
    long endMs = Long.MIN_VALUE;
    for (BlockEntry block : byStart) {
      if (runs.isEmpty() || block.minMs() >= endMs) {
        runs.add(new ArrayList<>());
      }
      runs.getLast().add(block);
      endMs = Math.max(endMs, block.endMs());
    }
    return runs;
  }

  private static Set<Ulid> blockedOf(List<List<BlockEntry>> runs) {
    Set<Ulid> blocked = new HashSet<>();
    for (List<BlockEntry> run : runs) {
      if (run.stream().anyMatch(BlockEntry::excluded)) {
        run.forEach(block -> blocked.add(block.ulid()));
      }
    }
    return blocked;
  }

  private static Optional<List<BlockEntry>> firstOverlap(
      List<List<BlockEntry>> runs, Set<Ulid> blocked) {
    return runs.stream().filter(run -> run.size() > 1 && isFree(run, blocked)).findFirst();
  }

  private static Optional<List<BlockEntry>> firstFullWindow(
      List<BlockEntry> byStart, Set<Ulid> blocked, BlockRanges ranges) {
    if (byStart.isEmpty()) {
      return Optional.empty();
    }
    long newestMinMs = byStart.getLast().minMs();
    for (long rangeMs : ranges.aboveFirst()) {
      for (List<BlockEntry> window : windowsOf(byStart, rangeMs)) {
        long endMs = endMsOf(window);
        boolean isComplete = endMs - window.getFirst().minMs() == rangeMs || endMs <= newestMinMs;
        if (window.size() > 1 && isComplete && isFree(window, blocked)) {
          return Optional.of(window);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Blocks that lie within one aligned window, for each window that has any; others are left out.
   */
  private static List<List<BlockEntry>> windowsOf(List<BlockEntry> byStart, long rangeMs) {
    List<List<BlockEntry>> windows = new ArrayList<>();
    long present = 0;
    for (BlockEntry block : byStart) {
      long number = Math.floorDiv(block.minMs(), rangeMs);
      if (Math.floorDiv(block.endMs() - 1, rangeMs) != number) {
        continue;
      }
      if (windows.isEmpty() || number != present) {
        windows.add(new ArrayList<>());
        present = number;
      }
      windows.getLast().add(block);
    }
    return windows;
  }

  private static Optional<BlockEntry> newestWithTombstones(
      List<BlockEntry> byStart, Set<Ulid> blocked, BlockRanges ranges) {
    for (BlockEntry block : byStart.reversed()) {
      if (blocked.contains(block.ulid())) {
        continue;
      }
      if (block.endMs() - block.minMs() < ranges.middleMs()) {
        boolean mayBeEmpty = block.tombstones() > 0 && block.tombstones() >= block.series();
        return mayBeEmpty ? Optional.of(block) : Optional.empty();
      }
      if ((double) block.tombstones() / (block.series() + 1) > TOMBSTONES_SHARE) {
        return Optional.of(block);
      }
    }
    return Optional.empty();
  }

  private static boolean isFree(List<BlockEntry> blocks, Set<Ulid> blocked) {
    return blocks.stream().noneMatch(block -> blocked.contains(block.ulid()));
  }

  private static long endMsOf(List<BlockEntry> blocks) {
    return blocks.stream().mapToLong(BlockEntry::endMs).max().orElseThrow();
  }
}

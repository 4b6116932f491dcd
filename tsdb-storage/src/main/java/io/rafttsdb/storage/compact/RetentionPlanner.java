package io.rafttsdb.storage.compact;

import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Chooses the blocks of a shard that are too old or too many: a pure function of its manifest, its
 * limits and a time. Only whole blocks go, the oldest (by their ends) first. Both limits apply.
 *
 * <ul>
 *   <li>By time, as Prometheus (tsdb/db.go, BeyondTimeRetention): a block goes when it ends so long
 *       before the end of the newest block as the retention or longer. The clock does not count: a
 *       shard that gets no more samples keeps what it has.
 *   <li>By size, as Prometheus (BeyondSizeRetention): sizes are added up from the newest block to
 *       the oldest; the block that takes the sum above the limit goes, and so do all older ones.
 *       The newest block is no exception.
 * </ul>
 *
 * <p>Where it differs from Prometheus:
 *
 * <ul>
 *   <li>Sizes are those of the manifest, which all replicas agree on. Head, log and snapshots
 *       differ from node to node and do not count.
 *   <li>Nothing goes while the newest block ends more than {@link #AHEAD_MAX_MS} after a trusted
 *       time: one imported block with a wrong time, or one wrong clock, would take all others
 *       along.
 *   <li>Blocks with equal ends go in the order of their ULIDs, not in any.
 * </ul>
 */
public final class RetentionPlanner {

  /** How far after the trusted time the newest block may end: 10 minutes. */
  public static final long AHEAD_MAX_MS = 10 * 60 * 1000L;

  private static final Comparator<BlockEntry> NEWEST_FIRST =
      Comparator.comparingLong(BlockEntry::endMs).thenComparing(BlockEntry::ulid).reversed();

  private RetentionPlanner() {}

  /**
   * How much to keep.
   *
   * @param timeMs age in milliseconds, above 0; {@link Long#MAX_VALUE}: any
   * @param sizeBytes the shard's part of the size, above 0; {@link Long#MAX_VALUE}: any
   */
  public record Limits(long timeMs, long sizeBytes) {
    public Limits {
      if (timeMs <= 0 || sizeBytes <= 0) {
        throw new IllegalArgumentException(
            "retention of " + timeMs + " ms and " + sizeBytes + " bytes, expected above 0");
      }
    }
  }

  /**
   * The blocks to drop.
   *
   * @param manifest all blocks that are built, in any order; what is excluded from compaction may
   *     be dropped
   * @param trustedNowMs the present by a clock that agrees with those of the other nodes
   */
  public static RetentionPlan plan(List<BlockEntry> manifest, Limits limits, long trustedNowMs) {
    if (manifest.isEmpty()) {
      return new RetentionPlan.Drop(List.of());
    }
    List<BlockEntry> newestFirst = manifest.stream().sorted(NEWEST_FIRST).toList();
    BlockEntry newest = newestFirst.getFirst();
    int kept =
        Math.min(keptByTime(newestFirst, limits.timeMs), keptBySize(newestFirst, limits.sizeBytes));
    if (kept < newestFirst.size() && isAhead(newest.endMs(), trustedNowMs)) {
      return new RetentionPlan.HeldBack(newest.ulid(), newest.endMs());
    }
    List<Ulid> drops = new ArrayList<>();
    newestFirst.subList(kept, newestFirst.size()).forEach(block -> drops.addFirst(block.ulid()));
    return new RetentionPlan.Drop(drops);
  }

  private static boolean isAhead(long endMs, long nowMs) {
    return endMs > nowMs && (endMs - nowMs > AHEAD_MAX_MS || endMs - nowMs < 0);
  }

  private static int keptByTime(List<BlockEntry> newestFirst, long timeMs) {
    long newestEndMs = newestFirst.getFirst().endMs();
    long goneMs = newestEndMs >= Long.MIN_VALUE + timeMs ? newestEndMs - timeMs : Long.MIN_VALUE;
    for (int i = 1; i < newestFirst.size(); i++) {
      if (newestFirst.get(i).endMs() <= goneMs) {
        return i;
      }
    }
    return newestFirst.size();
  }

  private static int keptBySize(List<BlockEntry> newestFirst, long sizeBytes) {
    long leftBytes = sizeBytes;
    for (int i = 0; i < newestFirst.size(); i++) {
      leftBytes -= newestFirst.get(i).sizeBytes();
      if (leftBytes < 0) {
        return i;
      }
    }
    return newestFirst.size();
  }
}

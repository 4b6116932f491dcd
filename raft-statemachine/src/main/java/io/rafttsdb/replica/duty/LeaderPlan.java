package io.rafttsdb.replica.duty;

import io.rafttsdb.command.LogCommand;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.compact.BlockEntry;
import io.rafttsdb.storage.compact.BlockRanges;
import io.rafttsdb.storage.compact.CompactionPlan;
import io.rafttsdb.storage.compact.CompactionPlanner;
import io.rafttsdb.storage.compact.CutPlanner;
import io.rafttsdb.storage.compact.CutPlanner.HeadSpan;
import io.rafttsdb.storage.compact.RetentionPlan;
import io.rafttsdb.storage.compact.RetentionPlanner;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.SealedRange.Kind;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the next command about blocks from the state after one entry, what the voters found, and
 * a time; it draws names only for what it chooses. Whatever it says, apply checks it again.
 *
 * @param settings null before the first
 * @param outOfOrderRanges starts of the block ranges with samples out of order, ascending
 * @param tombstones of a built block, in number of intervals
 * @param cleanUpTo blocks that bear deletes up to this number are to be written anew; 0: none
 */
record LeaderPlan(
    Manifest manifest,
    HeadStats head,
    @Nullable Settings settings,
    long sealedUpToMs,
    List<Long> outOfOrderRanges,
    BlockPolicy policy,
    ToLongFunction<Ulid> tombstones,
    long cleanUpTo) {

  /**
   * From so many deletes on, which each query of a block that bears them pays for, blocks are
   * written anew so that the oldest of them go.
   */
  private static final int DELETES_MANY = Manifest.DELETES_MAX / 2;

  static LeaderPlan of(
      Tsdb tsdb, BlockPolicy policy, ToLongFunction<Ulid> tombstones, long cleanUpTo) {
    return new LeaderPlan(
        tsdb.manifest(),
        tsdb.stats(),
        tsdb.settings(),
        tsdb.sealedUpToMs(),
        tsdb.outOfOrderRanges(),
        policy,
        tombstones,
        cleanUpTo);
  }

  /**
   * The next command, or nothing to do.
   *
   * @param trustedNowMs empty where the clock can't be trusted: nothing is dropped
   */
  Optional<LogCommand> next(BlockVotes votes, Supplier<Ulid> names, OptionalLong trustedNowMs) {
    Settings present = settings;
    if (present == null) {
      return Optional.empty();
    }
    return built(votes)
        .or(() -> cut(present, names))
        .or(() -> cutOutOfOrder(present, names))
        .or(() -> drop(trustedNowMs))
        .or(() -> clean(names))
        .or(() -> compact(present, names));
  }

  /** Writes the next block anew that bears a delete which is to go. */
  private Optional<LogCommand> clean(Supplier<Ulid> names) {
    if (!manifest.compactions().isEmpty() || manifest.deletes().isEmpty()) {
      return Optional.empty();
    }
    long oldest = manifest.deletes().getFirst().number();
    long upTo = manifest.deletes().size() > DELETES_MANY ? Math.max(oldest, cleanUpTo) : cleanUpTo;
    return manifest.parts().stream()
        .filter(ManifestPart::isBuilt)
        .filter(part -> manifest.deletesOf(part).stream().anyMatch(each -> each.number() <= upTo))
        .findFirst()
        .map(part -> new LogCommand.Compact(names.get(), List.of(part.ulid())));
  }

  private Optional<LogCommand> built(BlockVotes votes) {
    for (Ulid ulid : BlockVotes.pending(manifest)) {
      Optional<LogCommand> built =
          votes.majority(ulid).map(facts -> new LogCommand.BlockBuilt(ulid, facts));
      if (built.isPresent()) {
        return built;
      }
    }
    return Optional.empty();
  }

  private Optional<LogCommand> cut(Settings present, Supplier<Ulid> names) {
    if (head.minMs() > head.maxMs()) {
      return Optional.empty();
    }
    HeadSpan span = new HeadSpan(head.minMs(), head.maxMs(), sealedUpToMs, manifest.waitingCount());
    OptionalLong upToMs = CutPlanner.upToMs(span, present.blockRangeMs());
    return upToMs.isPresent()
        ? Optional.of(new LogCommand.CutHead(upToMs.getAsLong(), names.get()))
        : Optional.empty();
  }

  /**
   * Ranges that nothing more can come to, since the window has gone by; all that are cut off where
   * the Head is large.
   */
  private Optional<LogCommand> cutOutOfOrder(Settings present, Supplier<Ulid> names) {
    List<SealedRange> ranges = new ArrayList<>();
    for (long fromMs : outOfOrderRanges) {
      long upToMs = fromMs + present.blockRangeMs();
      boolean isOver = head.maxMs() - present.outOfOrderWindowMs() >= upToMs;
      if ((isOver || head.bytes() > policy.headBytesEarly())
          && upToMs <= sealedUpToMs
          && mayBeSealed(fromMs, upToMs)) {
        ranges.add(new SealedRange(names.get(), Kind.OUT_OF_ORDER, fromMs, upToMs));
      }
    }
    return ranges.isEmpty() ? Optional.empty() : Optional.of(new LogCommand.CutOutOfOrder(ranges));
  }

  /** Whether no part waits that came out of order or overlaps. */
  private boolean mayBeSealed(long fromMs, long upToMs) {
    return manifest.parts().stream()
        .filter(part -> !part.isBuilt())
        .noneMatch(part ->
            part.origin() == ManifestPart.Origin.OUT_OF_ORDER || part.overlaps(fromMs, upToMs));
  }

  private Optional<LogCommand> drop(OptionalLong trustedNowMs) {
    return trustedNowMs.isPresent()
            && retention(trustedNowMs.getAsLong()) instanceof RetentionPlan.Drop(List<Ulid> blocks)
            && !blocks.isEmpty()
        ? Optional.of(new LogCommand.DropBlocks(blocks))
        : Optional.empty();
  }

  /** What retention asks for, also where it is held back. */
  RetentionPlan retention(long trustedNowMs) {
    Settings present = settings;
    RetentionPlanner.Limits limits =
        present == null
            ? new RetentionPlanner.Limits(Settings.UNLIMITED, Settings.UNLIMITED)
            : new RetentionPlanner.Limits(
                present.retentionMs(), policy.shareOf(present.retentionBytes()));
    return RetentionPlanner.plan(BlockEntry.built(manifest), limits, trustedNowMs);
  }

  /** One at a time. */
  private Optional<LogCommand> compact(Settings present, Supplier<Ulid> names) {
    if (!manifest.compactions().isEmpty()) {
      return Optional.empty();
    }
    List<BlockEntry> blocks = BlockEntry.of(manifest, tombstones, Set.of());
    Optional<CompactionPlan> plan = CompactionPlanner.plan(blocks, ranges(present));
    return plan.map(found -> new LogCommand.Compact(names.get(), found.sources()));
  }

  private static BlockRanges ranges(Settings present) {
    return present.retentionMs() == Settings.UNLIMITED
        ? BlockRanges.of(present.blockRangeMs(), present.rangeFactor())
        : BlockRanges.of(present.blockRangeMs(), present.rangeFactor(), present.retentionMs());
  }
}

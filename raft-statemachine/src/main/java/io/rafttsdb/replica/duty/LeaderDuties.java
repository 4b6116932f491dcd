package io.rafttsdb.replica.duty;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.compact.RetentionPlan;
import io.rafttsdb.storage.manifest.BlockDelete;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.Blocks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What only the leader does: it looks at the replicated state and proposes what is to become of
 * blocks, one command at a time. It keeps nothing that the next leader would lack. For one thread,
 * but for the gauges.
 */
public final class LeaderDuties {

  private static final Logger LOG = LoggerFactory.getLogger(LeaderDuties.class);

  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  /** Commands of one round; the rest waits for the next one. */
  private static final int ROUND_MAX = 16;

  private final Supplier<Tsdb> engine;
  private final Blocks blocks;
  private final BlockKeeper keeper;
  private final Quorum quorum;
  private final BlockPolicy policy;
  private final UlidSource names;

  /** Of blocks that bear deletes: how many intervals, by the last delete that was counted. */
  private final Map<Ulid, Counted> tombstones = new HashMap<>();

  private volatile int splitBlocks;
  private volatile boolean retentionHeldBack;

  /** Who waits for deletes up to a number to be carried out. */
  private record Cleaning(long lastDelete, CompletableFuture<CommandResult> done) {}

  private final Queue<Cleaning> cleanings = new ConcurrentLinkedQueue<>();

  private record Counted(long lastDelete, long intervals) {}

  /**
   * The duties of one shard.
   *
   * @param blocks this node's
   */
  public LeaderDuties(
      Supplier<Tsdb> engine,
      Blocks blocks,
      BlockKeeper keeper,
      Quorum quorum,
      BlockPolicy policy,
      UlidSource names) {
    this.engine = engine;
    this.blocks = blocks;
    this.keeper = keeper;
    this.quorum = quorum;
    this.policy = policy;
    this.names = names;
  }

  /** Proposes what is due now, if this node leads. */
  public void round() throws InterruptedException {
    for (int commands = 0; commands < ROUND_MAX && quorum.leads(); commands++) {
      Tsdb tsdb = engine.get();
      LeaderPlan plan =
          LeaderPlan.of(tsdb, policy, ulid -> tombstonesOf(tsdb.manifest(), ulid), cleanUpTo());
      BlockVotes votes = votes(plan.manifest());
      observe(plan, votes);
      Optional<LogCommand> next = plan.next(votes, names::next, names.trustedNowMs());
      if (next.isEmpty() || !propose(next.get())) {
        break;
      }
    }
    answerCleanings();
    if (!quorum.leads()) {
      splitBlocks = 0;
      retentionHeldBack = false;
    }
  }

  /**
   * Has all blocks written anew that bear a delete of before the call. On any thread.
   *
   * @return done when none of those deletes is borne any more; refused where this node leads no
   *     more
   */
  public CompletableFuture<CommandResult> cleanTombstones() {
    Cleaning cleaning =
        new Cleaning(engine.get().manifest().lastDelete(), new CompletableFuture<>());
    cleanings.add(cleaning);
    return cleaning.done;
  }

  private long cleanUpTo() {
    return cleanings.stream().mapToLong(Cleaning::lastDelete).max().orElse(0);
  }

  private void answerCleanings() {
    boolean leads = quorum.leads();
    Manifest manifest = engine.get().manifest();
    cleanings.removeIf(cleaning -> {
      boolean isDone =
          manifest.deletes().stream().noneMatch(each -> each.number() <= cleaning.lastDelete);
      if (isDone) {
        cleaning.done.complete(new CommandResult.Done());
      } else if (!leads) {
        cleaning.done.complete(new CommandResult.Refused("this node leads no more; ask again"));
      }
      return isDone || !leads;
    });
  }

  private BlockVotes votes(Manifest manifest) throws InterruptedException {
    List<Map<Ulid, BlockFacts>> reports = new ArrayList<>();
    if (!BlockVotes.pending(manifest).isEmpty()) {
      reports.add(keeper.pendingFacts());
      reports.addAll(quorum.reports());
    }
    return new BlockVotes(Math.max(quorum.voters(), reports.size()), reports);
  }

  private void observe(LeaderPlan plan, BlockVotes votes) {
    int split = (int) BlockVotes.pending(plan.manifest()).stream().filter(votes::isSplit).count();
    if (split > 0 && split != splitBlocks) {
      LOG.error(
          "{} blocks were built with different bytes, and no majority has the same: compare the"
              + " nodes' disks and memory",
          split);
    }
    splitBlocks = split;
    OptionalLong nowMs = names.trustedNowMs();
    boolean heldBack =
        nowMs.isPresent()
            && plan.retention(nowMs.getAsLong()) instanceof RetentionPlan.HeldBack back
            && warn(back);
    retentionHeldBack = heldBack;
  }

  private boolean warn(RetentionPlan.HeldBack back) {
    if (!retentionHeldBack) {
      LOG.warn(
          "nothing is dropped: the newest block {} ends at {} ms, after the present by this node's"
              + " clock",
          back.newest(),
          back.endMs());
    }
    return true;
  }

  /** Whether it was carried out, so that more may be due. */
  private boolean propose(LogCommand command) throws InterruptedException {
    try {
      CommandResult result =
          quorum.propose(command).get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      return result instanceof CommandResult.Done;
    } catch (ExecutionException e) {
      LOG.warn("{} was not carried out: {}", command, String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      LOG.warn("{} has no answer after {}", command, ANSWER_LIMIT);
    }
    return false;
  }

  /** Deleted intervals of a block's series; 0 while it is not here. */
  private long tombstonesOf(Manifest manifest, Ulid ulid) {
    ManifestPart part = manifest.part(ulid).orElse(null);
    List<BlockDelete> deletes = part == null ? List.of() : manifest.deletesOf(part);
    if (deletes.isEmpty()) {
      tombstones.remove(ulid);
      return 0;
    }
    Counted counted = tombstones.get(ulid);
    if (counted != null && counted.lastDelete == deletes.getLast().number()) {
      return counted.intervals;
    }
    Optional<Lease> acquired = blocks.acquire(ulid);
    if (acquired.isEmpty()) {
      return 0;
    }
    try (Lease lease = acquired.get()) {
      long intervals = 0;
      for (BlockDelete delete : deletes) {
        intervals +=
            lease
                .block()
                .tombstonesOf(delete.matchers(), delete.minMs(), delete.maxMs())
                .bySeries()
                .size();
      }
      tombstones.put(ulid, new Counted(deletes.getLast().number(), intervals));
      return intervals;
    } catch (IOException e) {
      LOG.warn("deletes on block {} can't be counted now", ulid, e);
      return 0;
    }
  }

  /** Blocks of which the voters have found different bytes without a majority; on the leader. */
  public int splitBlocks() {
    return splitBlocks;
  }

  /** Whether retention waits since the newest block ends in the future; on the leader. */
  public boolean isRetentionHeldBack() {
    return retentionHeldBack;
  }
}

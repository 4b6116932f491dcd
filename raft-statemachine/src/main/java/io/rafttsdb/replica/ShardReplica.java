package io.rafttsdb.replica;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.replica.ReplicaFailure.NotLeader;
import io.rafttsdb.replica.ReplicaFailure.Outcome;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.replica.check.CheckReport;
import io.rafttsdb.replica.disk.LogRepair;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.replica.disk.StartRefused;
import io.rafttsdb.replica.duty.UlidSource;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.SettingsChange;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * One replica of one shard, running as long as its {@link RaftNode}: writes go through the log,
 * reads to the storage engine behind it. Safe for any thread.
 */
public final class ShardReplica implements AutoCloseable {
  private static final Duration BARRIER_RETRY = Duration.ofMillis(50);
  private static final Duration CHECK_PAUSE = Duration.ofMillis(500);

  private static final String DIVERGED =
      "this node's state is not that of the majority, and is being replaced";

  private final RaftNode node;
  private final UUID clusterId;
  private final int shard;
  private final Member self;
  private final ReplicaDirectory directory;
  private final FatalOnce fatal;
  private final TsdbStateMachine machine;
  private final ReplicaFiles files;
  private final SnapshotInstaller installer;
  private final RaftGate gate;
  private final MembershipGate membership;
  private final EntryJoiner joiner;
  private final ReadBarrier barrier;
  private final ReplicaDuties duties;
  private final ChunkSpiller spiller;
  private final RatisQuorum quorum;
  private final SettingsChanges settings;
  private final ReplicaBlocks blocks;
  private final StateTrust trust = new StateTrust();
  private final StateHashes hashes;
  private final UlidSource names;
  private final Freezes freezes;
  private final ReplicaCheck check;
  private final DutyThread checks;
  private final List<ReplicaMetric> metrics;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** A replica whose group runs; {@link #startWork} begins what it does by itself. */
  ShardReplica(PreparedShard shard, RaftServer server, RaftNode node) throws IOException {
    ReplicaConfig config = shard.config();
    this.node = node;
    this.clusterId = config.clusterId();
    this.shard = config.shard();
    this.self = config.self();
    this.directory = shard.directory();
    this.fatal = shard.fatal();
    this.machine = shard.machine();
    this.files = shard.files();
    this.installer = shard.installer();
    this.names = shard.names();
    this.hashes = shard.hashes();
    this.freezes = shard.freezes();
    this.gate = new RaftGate(server, shard.groupId());
    this.membership = new MembershipGate(server, shard.groupId(), gate.division());
    shard
        .taker()
        .setMembers(membership.present().all().stream().map(SnapshotTaker::describe).toList());
    this.joiner =
        new EntryJoiner(
            config.threadName(),
            gate,
            config.limits().waitingBytesMax(),
            (thread, error) -> fatal.fatal("no entries can be submitted any more", error));
    this.barrier = new ReadBarrier(gate::barrier);
    this.duties =
        new ReplicaDuties(
            config,
            directory.mark(),
            gate,
            machine,
            shard.taker(),
            files.served().pins(),
            files.sweeper(),
            barrier,
            fatal);
    this.spiller = new ChunkSpiller(config, machine::tsdb, fatal);
    this.quorum = new RatisQuorum(gate, self, shard.setup().reports(), trust);
    this.settings = new SettingsChanges(machine::tsdb, quorum);
    this.blocks =
        new ReplicaBlocks(
            config,
            machine::tsdb,
            directory.store(),
            files.blocks(),
            files.sweeper(),
            gate,
            quorum,
            names,
            fatal);
    this.check =
        new ReplicaCheck(
            config,
            hashes,
            trust,
            quorum,
            membership,
            machine::tsdb,
            names,
            new Reinstall(
                files.pull(),
                directory.snapshots(),
                gate,
                machine::tsdb,
                config.limits().checkInterval().dividedBy(ReplicaCheck.FIRST_PART)),
            () -> {
              files.served().withholdSnapshots();
              shard.taker().end();
            });
    this.checks = new DutyThread(config.threadName() + "-check", CHECK_PAUSE, check::round, fatal);
    hashes.wakes(checks::wake);
    this.metrics =
        ReplicaMetrics.of(
            joiner,
            machine,
            shard.applier(),
            shard.taker(),
            installer,
            files,
            blocks,
            check,
            hashes,
            trust,
            gate.division());
    shard.peers().set(() -> gate.otherMembers(self));
    long lastIndex = gate.lastLogIndex();
    files.sweeper().replayTo(lastIndex);
    freezes.replayTo(lastIndex);
    shard.wake().set(duties::wake);
  }

  /** Starts the threads. */
  void startWork() {
    joiner.start();
    duties.start();
    spiller.start();
    blocks.start();
    checks.start();
  }

  /**
   * Starts a node of one shard that took no part for long. Returns when Ratis runs; {@link #status}
   * tells when it can serve.
   *
   * @param source where snapshots and blocks come from that lack here
   * @param reports where this node as leader learns what the others have built
   * @param names of blocks, where this node leads
   * @param fatal called when the replica must not go on; it is not closed then
   * @throws StartRefused where a person has to decide; nothing was changed
   */
  public static ShardReplica start(
      ReplicaConfig config,
      SnapshotSource source,
      PeerReports reports,
      UlidSource names,
      FatalHandler fatal)
      throws IOException, StartRefused {
    return RaftNode.start(
            List.of(new ShardSetup(config, source, reports)),
            names,
            fatal,
            System.nanoTime() - config.limits().leaseMax().toNanos())
        .shards()
        .getFirst();
  }

  /**
   * Appends a request on the leader. The future completes when the request is committed and applied
   * here, on the thread that applies: block on it, or go on elsewhere. It fails with a {@link
   * ReplicaFailure}. An {@link AppendResult.UnknownRef} is the caller's to resolve: the request may
   * be sent again with labels.
   *
   * @param deadlineNanos by System.nanoTime; later the request is not appended any more
   */
  public CompletableFuture<AppendResult> append(SampleBatch batch, long deadlineNanos) {
    ReplicaFailure failure = whyNotLeading();
    return failure != null
        ? CompletableFuture.failedFuture(failure)
        : joiner.append(batch, deadlineNanos);
  }

  /**
   * Waits until this node has applied everything that was committed when it was called, by any
   * node. Tries again while there is time, so that a change of leader only delays it.
   *
   * @return an applied index at which {@link #storage} holds all that
   */
  public long awaitReadable(Duration timeout) throws Unavailable, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      if (trust.isDiverged()) {
        throw new Unavailable(DIVERGED, Outcome.NOT_STORED);
      }
      Unavailable failure;
      try {
        barrier.join().get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        return storage().publishedIndex();
      } catch (TimeoutException e) {
        throw new Unavailable("no majority confirmed the read in time", Outcome.NOT_STORED, e);
      } catch (ExecutionException e) {
        failure =
            e.getCause() instanceof Unavailable unavailable
                ? unavailable
                : new Unavailable("the read failed", Outcome.NOT_STORED, e);
      }
      if (closed.get() || deadline - System.nanoTime() < BARRIER_RETRY.toNanos()) {
        throw failure;
      }
      TimeUnit.NANOSECONDS.sleep(BARRIER_RETRY.toNanos());
    }
  }

  /** The storage engine; another one after a snapshot was received, so ask for each request. */
  public Tsdb storage() {
    return machine.tsdb();
  }

  public ReplicaStatus status() {
    RaftServer.Division division = gate.division();
    DivisionInfo info = division.getInfo();
    LifeCycle.State lifecycle = info.getLifeCycleState();
    boolean running = lifecycle == LifeCycle.State.RUNNING;
    String reason = reason(running);
    return new ReplicaStatus(
        running ? role(info) : ReplicaStatus.Role.NONE,
        info.getCurrentTerm(),
        leader(),
        running ? division.getRaftLog().getLastCommittedIndex() : -1,
        storage().publishedIndex(),
        directory.snapshots().newest().map(SnapshotManifest::index).orElse(-1L),
        reason.isEmpty(),
        reason,
        fatal.hasLogFailed(),
        lifecycle.name());
  }

  private String reason(boolean running) {
    if (duties.isDismissed()) {
      return "the other members say that this node is none of them";
    }
    if (fatal.hasLogFailed()) {
      return "the log can't be written";
    }
    if (fatal.hasFailed()) {
      return "the replica has failed";
    }
    if (!running) {
      return "the Ratis division is not running";
    }
    if (trust.isDiverged()) {
      return DIVERGED;
    }
    if (storage().settings() == null) {
      return "waiting for the first settings";
    }
    return duties.isReady() ? "" : "waiting for a leader, and for the log to be applied";
  }

  private static ReplicaStatus.Role role(DivisionInfo info) {
    return switch (info.getCurrentRole()) {
      case LEADER -> ReplicaStatus.Role.LEADER;
      case CANDIDATE -> ReplicaStatus.Role.CANDIDATE;
      case FOLLOWER -> ReplicaStatus.Role.FOLLOWER;
      case LISTENER -> ReplicaStatus.Role.LISTENER;
      default -> ReplicaStatus.Role.NONE;
    };
  }

  /** Whether this node leads, ready or not; another one may lead already. */
  public boolean isLeader() {
    return gate.division().getInfo().isLeader();
  }

  /** Whether it leads and has applied all that earlier leaders left. */
  public boolean isReadyLeader() {
    return gate.division().getInfo().isLeaderReady();
  }

  /** Which shard this is a replica of, from 0. */
  public int shard() {
    return shard;
  }

  /** The cluster that this is a replica of. */
  public UUID clusterId() {
    return clusterId;
  }

  /** The leader as this node knows it, or null. */
  public @Nullable Member leader() {
    RaftPeerId id = gate.division().getInfo().getLeaderId();
    RaftPeer peer = id == null ? null : gate.division().getRaftConf().getPeer(id);
    return peer == null ? null : Member.of(peer);
  }

  /**
   * What this node found of the blocks that it waits for: the leader counts who found the same, and
   * enters a block once a majority has.
   */
  public Map<Ulid, BlockFacts> builtBlocks() {
    return blocks.keeper().pendingFacts();
  }

  /** What this node found of its state after the last Freeze entries, for the others. */
  public CheckReport checkReport() {
    return check.report();
  }

  /** Entry after which a majority was last found to have this node's state; -1 before. */
  public long agreedIndex() {
    return check.agreedIndex();
  }

  /** Whether a majority has another state than this node, so that it can't answer. */
  public boolean isDiverged() {
    return trust.isDiverged();
  }

  /**
   * Whether the state of this node was wrong and a snapshot of the majority's is here: whoever runs
   * the replica closes it and starts it again.
   */
  public boolean isReplaced() {
    return trust.level() == StateTrust.Level.REPLACED;
  }

  /** Whether this node has a block. */
  public boolean hasBlock(Ulid ulid) {
    return directory.store().has(ulid);
  }

  /**
   * Deletes the samples in [minMs, maxMs] of the series that fulfil all matchers, on the leader.
   * The future fails with a {@link ReplicaFailure}; what was done twice is as done once.
   *
   * @param matchers at least one
   */
  public CompletableFuture<CommandResult> delete(List<Matcher> matchers, long minMs, long maxMs) {
    return propose(new LogCommand.Delete(matchers, minMs, maxMs));
  }

  /**
   * Has the blocks written anew that bear deletes, on the leader: done when what was deleted before
   * the call is in no block of this shard any more. The future fails with a {@link ReplicaFailure}.
   */
  public CompletableFuture<CommandResult> cleanTombstones() {
    ReplicaFailure failure = whyNotLeading();
    return failure != null
        ? CompletableFuture.failedFuture(failure)
        : blocks.leader().cleanTombstones();
  }

  /**
   * Changes some of the settings, on the leader, one change at a time. The future fails with a
   * {@link ReplicaFailure}; what was done twice is as done once.
   *
   * @throws IllegalArgumentException where a value is not possible
   */
  public CompletableFuture<CommandResult> configure(SettingsChange change) {
    ReplicaFailure failure = whyNotLeading();
    return failure != null ? CompletableFuture.failedFuture(failure) : settings.propose(change);
  }

  /** Proposes the settings that another shard has, on the leader. */
  CompletableFuture<CommandResult> adopt(Settings present) {
    return propose(new LogCommand.Configure(present));
  }

  /**
   * Announces that this node's state after a Freeze entry is wanted; {@link #freeze} on the leader
   * puts the entry into the log. One at a time.
   *
   * @throws IllegalStateException while there is another ticket
   */
  public FreezeTicket announceFreeze() {
    return freezes.announce(names.next());
  }

  /** A name that nobody else draws. */
  public Ulid drawName() {
    return names.next();
  }

  /**
   * Puts a Freeze entry into the log, on the leader; putting it there twice harms nothing. The
   * future fails with a {@link ReplicaFailure}.
   */
  public CompletableFuture<CommandResult> freeze(Ulid name) {
    return propose(new LogCommand.Freeze(name));
  }

  /** Blocks of another storage on this node's disk. */
  public BlockImports imports() {
    return blocks.imports();
  }

  /**
   * Enters a block of another storage that a majority has, on the leader; doing it twice is doing
   * it once. The future fails with a {@link ReplicaFailure}.
   */
  public CompletableFuture<CommandResult> importBlock(BackupBlock block) {
    return propose(
        new LogCommand.ImportBlock(block.ulid(), block.minMs(), block.endMs(), block.facts()));
  }

  /**
   * Makes the shard ready for the blocks of a backup, on the leader, as {@link Tsdb#restore} says.
   * The future fails with a {@link ReplicaFailure}.
   */
  public CompletableFuture<CommandResult> restore(long upToMs, long newestMs) {
    return propose(new LogCommand.Restore(upToMs, newestMs));
  }

  private CompletableFuture<CommandResult> propose(LogCommand command) {
    ReplicaFailure failure = whyNotLeading();
    return failure != null ? CompletableFuture.failedFuture(failure) : quorum.propose(command);
  }

  private @Nullable ReplicaFailure whyNotLeading() {
    DivisionInfo info = gate.division().getInfo();
    if (!info.isLeader()) {
      return new NotLeader(leader());
    }
    return info.isLeaderReady()
        ? null
        : new Unavailable("the leader is not ready yet", Outcome.NOT_STORED);
  }

  /** This node as the group has it. */
  public Member self() {
    return self;
  }

  /** What this node gives to others that pull a snapshot or a block. */
  public ServedFiles servedFiles() {
    return files.served();
  }

  /** Who belongs to the group. */
  public MembershipGate membership() {
    return membership;
  }

  /**
   * Whether Raft has stopped here because the leader said that this node is no member. Nothing that
   * a restart would change; whoever runs the replica makes sure and closes it.
   */
  public boolean isDismissed() {
    return duties.isDismissed();
  }

  /**
   * Whether Raft waits to be a member before it begins: the node started while its first membership
   * was under way, and learned of others before it learned of itself. It goes on waiting when it
   * has become one, until the replica is started again.
   */
  public boolean isWaitingToBegin() {
    return gate.division().getInfo().getLifeCycleState() == LifeCycle.State.STARTING;
  }

  /** What the log lost before the start, each for the operator to know. */
  public List<LogRepair> repairs() {
    return directory.repairs();
  }

  public List<ReplicaMetric> metrics() {
    return metrics;
  }

  /** Whether this node leads and may decide about blocks. */
  boolean quorumLeads() {
    return quorum.leads();
  }

  /** The gate to Ratis, for tests that send what no writer would. */
  RaftGate gate() {
    return gate;
  }

  /** Stops the node that this replica belongs to, with all its shards; {@link RaftNode#close}. */
  @Override
  public void close() throws IOException {
    node.close();
  }

  /** Refuses new requests, ends the threads, and lets Ratis take a last snapshot. */
  void prepareStop() {
    closed.set(true);
    joiner.close();
    checks.close();
    blocks.close();
    duties.close();
    spiller.close();
    installer.stop();
    machine.prepareStop();
  }

  /**
   * Lets the directory go, once Ratis has ended.
   *
   * @param isClean whether Ratis has ended as it should, so that the commit mark may be written
   */
  void finishStop(boolean isClean) throws IOException {
    try {
      if (isClean && !fatal.hasFailed()) {
        duties.writeLastMark(
            machine.getLastAppliedTermIndex(), gate.division().getRaftLog().getFlushIndex());
      }
    } finally {
      hashes.close();
      try {
        machine.tsdb().close();
      } finally {
        directory.close();
      }
    }
  }
}

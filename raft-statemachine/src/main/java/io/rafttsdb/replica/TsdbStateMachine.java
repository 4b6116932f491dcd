package io.rafttsdb.replica;

import io.rafttsdb.command.CommandCodec;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.command.UnknownFormat;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * What Ratis calls: it applies the log to the storage engine, on one thread, entry by entry, each
 * finished when the call returns.
 *
 * <p>Whatever follows from an entry's bytes is a value, and apply never fails because of it. What
 * remains is a failure of this node (an I/O error, a broken invariant, a format that this program
 * does not know): it goes to the {@link FatalHandler}, and then out of apply, so that Ratis applies
 * nothing more.
 */
final class TsdbStateMachine extends BaseStateMachine {

  /** Answer of every applied entry; each node keeps it in Ratis's retry cache for a second. */
  private static final CompletableFuture<Message> APPLIED =
      CompletableFuture.completedFuture(Message.valueOf(ByteString.EMPTY));

  private final CommandApplier applier;
  private final SnapshotTaker taker;
  private final SnapshotInstaller installer;
  private final RatisSnapshots snapshots;
  private final Freezes freezes;
  private final FatalOnce fatal;
  private final Runnable leaderChanged;
  private volatile Tsdb tsdb;
  private volatile boolean stopping;

  private final LongAdder applied = new LongAdder();
  private final LongAdder applyNanos = new LongAdder();

  /**
   * Makes a state machine in a loaded state.
   *
   * @param leaderChanged called on a Ratis thread when this node or another begins to lead
   */
  TsdbStateMachine(
      LoadedState state,
      CommandApplier applier,
      SnapshotTaker taker,
      SnapshotInstaller installer,
      RatisSnapshots snapshots,
      Freezes freezes,
      FatalOnce fatal,
      Runnable leaderChanged) {
    this.tsdb = state.tsdb();
    this.applier = applier;
    this.taker = taker;
    this.installer = installer;
    this.snapshots = snapshots;
    this.freezes = freezes;
    this.fatal = fatal;
    this.leaderChanged = leaderChanged;
    setLastAppliedTermIndex(state.applied());
  }

  Tsdb tsdb() {
    return tsdb;
  }

  /** From now on the next snapshot is the last one, finished before takeSnapshot returns. */
  void prepareStop() {
    stopping = true;
  }

  // ---- life

  @Override
  public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage storage)
      throws IOException {
    super.initialize(server, groupId, storage);
    getLifeCycle().transition(LifeCycle.State.STARTING);
    getLifeCycle().transition(LifeCycle.State.RUNNING);
  }

  /** A received snapshot is about to replace the engine; the present one goes on answering. */
  @Override
  public void pause() {
    getLifeCycle().transition(LifeCycle.State.PAUSING);
    getLifeCycle().transition(LifeCycle.State.PAUSED);
  }

  @Override
  public void reinitialize() throws IOException {
    getLifeCycle().transition(LifeCycle.State.STARTING);
    LoadedState state = installer.takeLoaded();
    if (state == null) {
      fatal.fatal("Ratis wants a received snapshot, but there is none", null);
      throw new IllegalStateException("no received snapshot");
    }
    setLastAppliedTermIndex(state.applied());
    taker.setStart(state.applied().getIndex());
    Tsdb replaced = tsdb;
    tsdb = state.tsdb();
    replaced.close(); // queries that have captured it read on
    installer.replaced();
    getLifeCycle().transition(LifeCycle.State.RUNNING);
  }

  // ---- the leader's side of an entry

  @Override
  public TransactionContext startTransaction(RaftClientRequest request) {
    TransactionContext.Builder context =
        TransactionContext.newBuilder().setStateMachine(this).setClientRequest(request);
    if (request.getMessage() instanceof RaftEntry entry) {
      return context.setLogData(entry.getContent()).setStateMachineContext(entry).build();
    }
    return context
        .build()
        .setException(new IOException("entries come from this process alone, not from a client"));
  }

  @Override
  public TransactionContext preAppendTransaction(TransactionContext context) {
    if (context.getStateMachineContext() instanceof RaftEntry entry) {
      entry.markAppended();
    }
    return context;
  }

  // ---- apply

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext context) {
    LogEntryProto entry = context.getLogEntry();
    long start = System.nanoTime();
    try {
      ByteString bytes = entry.getStateMachineLogEntry().getLogData();
      RaftEntry own = context.getStateMachineContext() instanceof RaftEntry e ? e : null;
      LogCommand command = command(bytes, own);
      AppliedEntry result = applier.apply(tsdb, entry.getIndex(), command);
      if (own != null) {
        own.setApplied(result);
      }
      updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
      taker.applied(bytes.size());
      if (command instanceof LogCommand.Freeze(Ulid name)) {
        freezes.applied(name, TermIndex.valueOf(entry.getTerm(), entry.getIndex()), tsdb);
      }
    } catch (UnknownFormat e) {
      throw stopped(entry.getIndex(), String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | Error e) {
      throw stopped(entry.getIndex(), "applying failed", e);
    }
    applied.increment();
    applyNanos.add(System.nanoTime() - start);
    return APPLIED;
  }

  private static LogCommand command(ByteString bytes, @Nullable RaftEntry own)
      throws UnknownFormat {
    LogCommand known = own == null ? null : own.command();
    if (known == null) {
      return CommandCodec.decode(bytes.toByteArray());
    }
    assert known.equals(CommandCodec.decode(bytes.toByteArray()))
        : "the entry's bytes say something else than the leader applies";
    return known;
  }

  private IllegalStateException stopped(long index, String reason, Throwable cause) {
    fatal.fatal("entry " + index + ": " + reason, cause);
    return new IllegalStateException("stopped at entry " + index, cause);
  }

  @Override
  public void notifyTermIndexUpdated(long term, long index) {
    try {
      tsdb.publish(index);
    } catch (RuntimeException | Error e) {
      throw stopped(index, "publishing failed", e);
    }
    super.notifyTermIndexUpdated(term, index);
  }

  // ---- snapshots

  @Override
  public long takeSnapshot() {
    TermIndex last = getLastAppliedTermIndex();
    return stopping ? taker.takeLast(tsdb, last) : taker.take(tsdb, last);
  }

  @Override
  public StateMachineStorage getStateMachineStorage() {
    return snapshots;
  }

  @Override
  public CompletableFuture<TermIndex> notifyInstallSnapshotFromLeader(
      RoleInfoProto role, TermIndex firstInLog) {
    RaftPeerProto leader = role.getFollowerInfo().getLeaderInfo().getId();
    String id = leader.getId().toStringUtf8();
    Member member =
        id.isEmpty() ? null : Member.of(id, leader.getAddress(), leader.getClientAddress());
    return installer.install(member, firstInLog.getIndex(), tsdb);
  }

  // ---- events

  @Override
  public void notifyConfigurationChanged(
      long term, long index, RaftConfigurationProto configuration) {
    taker.setMembers(
        configuration.getPeersList().stream()
            .map(peer ->
                SnapshotTaker.describe(
                    peer.getId().toStringUtf8(), peer.getAddress(), peer.getClientAddress()))
            .toList());
  }

  @Override
  public void notifyLeaderChanged(
      org.apache.ratis.protocol.RaftGroupMemberId member,
      org.apache.ratis.protocol.RaftPeerId leader) {
    leaderChanged.run();
  }

  @Override
  public void notifyLeaderReady() {
    leaderChanged.run();
  }

  @Override
  public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto entry) {
    fatal.logFailed(cause);
  }

  // ---- what this replica does not offer: reads go to the engine, after a barrier

  @Override
  public CompletableFuture<Message> query(Message request) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("query"));
  }

  @Override
  public CompletableFuture<Message> queryStale(Message request, long minIndex) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("queryStale"));
  }

  /** Entries of commands applied since the start. */
  long applied() {
    return applied.sum();
  }

  double applySeconds() {
    return applyNanos.sum() / 1e9;
  }
}

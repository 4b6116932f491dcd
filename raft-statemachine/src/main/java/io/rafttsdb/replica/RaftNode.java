package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.StartRefused;
import io.rafttsdb.replica.duty.UlidSource;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;

/**
 * The replicas of all shards that this process has, on one Raft port: each shard a Raft group of
 * its own, with its log, its snapshots and its storage in its own directory. They start and stop
 * together, and a failure that one of them can't go on with is all of theirs. Safe for any thread.
 */
public final class RaftNode implements AutoCloseable {
  private static final Duration SETTINGS_PAUSE = Duration.ofMillis(500);

  private final RaftServer server;
  private final List<ShardReplica> shards = new ArrayList<>();
  private @Nullable DutyThread settings;
  private final AtomicBoolean closed = new AtomicBoolean();

  private RaftNode(RaftServer server) {
    this.server = server;
  }

  /**
   * Starts the replicas on their directories, all of which are checked and, where nothing
   * acknowledged is at stake, repaired before Raft runs in any. Returns when Raft runs; {@link
   * ShardReplica#status} tells when one can serve.
   *
   * @param setups in the order of the shards' numbers, at least one
   * @param names of blocks, where this node leads
   * @param fatal called once, when the replicas must not go on; they are not closed then
   * @param silentSinceNanos by System.nanoTime, since when this node has taken no part in Raft: its
   *     last answer may be a part of a leader's lease, which is waited for to be over
   * @throws StartRefused where a person has to decide
   */
  public static RaftNode start(
      List<ShardSetup> setups, UlidSource names, FatalHandler fatal, long silentSinceNanos)
      throws IOException, StartRefused {
    requireOneNode(setups);
    FatalHandler once = once(fatal);
    List<PreparedShard> prepared = new ArrayList<>();
    try {
      for (ShardSetup setup : setups) {
        prepared.add(PreparedShard.open(setup, names, once));
      }
      awaitLeaseOver(setups.getFirst().config().limits(), silentSinceNanos);
      return start(prepared);
    } catch (IOException | StartRefused | RuntimeException | Error e) {
      for (PreparedShard shard : prepared) {
        closeAfter(e, shard.directory()::close);
      }
      throw e;
    }
  }

  private static void awaitLeaseOver(ReplicaLimits limits, long silentSinceNanos)
      throws IOException {
    long silentNanos = System.nanoTime() - silentSinceNanos;
    try {
      TimeUnit.NANOSECONDS.sleep(Math.max(0, limits.leaseMax().toNanos() - silentNanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("interrupted in the start");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private static void requireOneNode(List<ShardSetup> setups) {
    ReplicaConfig first = setups.getFirst().config();
    for (ShardSetup setup : setups) {
      if (!setup.config().self().equals(first.self())
          || !setup.config().listenAddress().equals(first.listenAddress())) {
        throw new IllegalArgumentException(
            "shards of one node, but of " + first.self() + " and " + setup.config().self());
      }
    }
    if (setups.stream().map(setup -> setup.config().groupId()).distinct().count() < setups.size()) {
      throw new IllegalArgumentException("two shards with the same group");
    }
  }

  private static FatalHandler once(FatalHandler fatal) {
    AtomicBoolean called = new AtomicBoolean();
    return (reason, cause) -> {
      if (called.compareAndSet(false, true)) {
        fatal.fatal(reason, cause);
      }
    };
  }

  private static RaftNode start(List<PreparedShard> prepared) throws IOException {
    Map<RaftGroupId, TsdbStateMachine> machines =
        prepared.stream().collect(Collectors.toMap(PreparedShard::groupId, PreparedShard::machine));
    StartGate gate = new StartGate();
    RaftServer server =
        RatisServer.start(
            prepared.getFirst().config(),
            group -> Objects.requireNonNull(machines.get(group)),
            gate);
    RaftNode node = new RaftNode(server);
    try {
      for (PreparedShard shard : prepared) {
        RatisServer.addGroup(server, shard);
        node.shards.add(new ShardReplica(shard, server, node));
      }
      gate.open();
      node.startWork(prepared.getFirst());
      return node;
    } catch (IOException | RuntimeException | Error e) {
      closeAfter(e, server::close);
      throw e;
    }
  }

  private void startWork(PreparedShard home) {
    shards.forEach(ShardReplica::startWork);
    if (shards.size() > 1) {
      settings =
          new DutyThread(
              home.config().threadName() + "-settings",
              SETTINGS_PAUSE,
              new SharedSettings(shards)::round,
              home.fatal());
      settings.start();
    }
  }

  /** What a failed start still has to close. */
  @FunctionalInterface
  private interface Closing {
    void close() throws IOException;
  }

  private static void closeAfter(Throwable failure, Closing closing) {
    try {
      closing.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** The replicas, in the order of the shards' numbers. */
  public List<ShardReplica> shards() {
    return List.copyOf(shards);
  }

  /**
   * Stops cleanly: refuses new requests, takes snapshots, ends Raft, writes the commit marks, and
   * lets the directories go. May be called again.
   */
  @Override
  public void close() throws IOException {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    DutyThread sharing = settings;
    if (sharing != null) {
      sharing.close();
    }
    shards.forEach(ShardReplica::prepareStop);
    IOException failure = null;
    try {
      server.close();
    } catch (IOException e) {
      failure = e;
    }
    for (ShardReplica shard : shards) {
      try {
        shard.finishStop(failure == null);
      } catch (IOException e) {
        failure = joined(failure, e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static IOException joined(@Nullable IOException first, IOException next) {
    if (first == null) {
      return next;
    }
    first.addSuppressed(next);
    return first;
  }
}

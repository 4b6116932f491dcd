package io.rafttsdb.node.query;

import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardReplica;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Reads of this node's replica: by a barrier of the Raft group, or what is there. */
final class ReplicaGate implements ReadGate {

  /** A change of leader passes in less; without a majority the user is told soon. */
  private static final Duration BARRIER_WAIT_MAX = Duration.ofSeconds(10);

  private final ReplicaSlot slot;
  private final InstantSource clock;
  private volatile @Nullable Current current;

  /**
   * The newest barrier that passed.
   *
   * @param nanos when it began: the replica had all that was committed then
   */
  private record Current(ShardReplica replica, long nanos) {}

  ReplicaGate(ReplicaSlot slot, InstantSource clock) {
    this.slot = slot;
    this.clock = clock;
  }

  @Override
  public OpenedRead open(ReadDemand demand, Duration timeout)
      throws ApiError, InterruptedException {
    ShardReplica replica = slot.replica().orElse(null);
    if (replica == null) {
      throw unavailable("this node is not ready: " + slot.notReadyReason());
    }
    if (replica.isDiverged()) { // also where it need not be new
      throw unavailable(replica.status().reason());
    }
    ReadToken token =
        demand.token().isEmpty() ? null : ReadToken.parse(demand.token(), replica.clusterId());
    Duration wait = timeout.compareTo(BARRIER_WAIT_MAX) < 0 ? timeout : BARRIER_WAIT_MAX;
    switch (demand.consistency()) {
      case LINEARIZABLE ->
          await(
              replica,
              wait,
              "no linearizable read",
              "; consistency=stale reads what this node has");
      case LEADER -> requireLeader(replica);
      case STALE -> {
        Duration max = demand.stalenessMax();
        if (max != null && !isWithin(replica, max)) {
          await(replica, wait, "this node may be more than " + max.toMillis() + " ms behind", "");
        }
      }
    }
    // A barrier brings whatever was committed before it, so all that a token may name.
    if (token != null && replica.storage().publishedIndex() < token.index()) {
      await(replica, wait, "entry " + token.index() + " of the token is not applied here", "");
      if (replica.storage().publishedIndex() < token.index()) {
        throw unavailable("the cluster has no entry " + token.index() + ", which the token names");
      }
    }
    return new OpenedRead(
        replica.storage(), demand.consistency(), clock.millis(), replica.clusterId());
  }

  private boolean isWithin(ShardReplica replica, Duration max) {
    Current last = current;
    return last != null
        && last.replica == replica
        && System.nanoTime() - last.nanos <= max.toNanos();
  }

  private static void requireLeader(ShardReplica replica) throws ApiError {
    if (!replica.isReadyLeader()) {
      Member leader = replica.leader();
      throw unavailable(
          "consistency=leader is answered by the leader alone, "
              + (leader == null
                  ? "and none is known"
                  : leader.name() + " at " + leader.httpAddress()));
    }
  }

  private void await(ShardReplica replica, Duration timeout, String what, String hint)
      throws ApiError, InterruptedException {
    long begunNanos = System.nanoTime();
    try {
      long _ = replica.awaitReadable(timeout);
      current = new Current(replica, begunNanos);
    } catch (ReplicaFailure.Unavailable e) {
      throw unavailable(what + " within " + timeout.toMillis() + " ms: " + e.getMessage() + hint);
    }
  }

  private static ApiError unavailable(String message) {
    return new ApiError(ApiError.Type.UNAVAILABLE, message);
  }
}

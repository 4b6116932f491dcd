package io.rafttsdb.node.query;

import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardGroups;
import io.rafttsdb.replica.ShardReplica;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Lets reads to one shard's replica: by a barrier of its Raft group, or to what is there. On any
 * thread.
 */
final class ShardGate {

  /** The newest barrier that passed, by shard. */
  private final AtomicReferenceArray<@Nullable Current> current =
      new AtomicReferenceArray<>(ShardGroups.SHARDS_MAX);

  /**
   * A barrier that passed.
   *
   * @param nanos when it began: the replica had all that was committed then
   */
  private record Current(ShardReplica replica, long nanos) {}

  /**
   * Returns once the replica has what a read has to see.
   *
   * @param wait how long that may take
   * @throws ApiError of the type UNAVAILABLE where this node can't promise that in time
   */
  void open(ShardReplica replica, ReadDemand demand, @Nullable ReadToken token, Duration wait)
      throws ApiError, InterruptedException {
    if (replica.isDiverged()) { // also where it need not be new
      throw unavailable(replica.status().reason());
    }
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
    long seen = token == null ? -1 : token.indexOf(replica.shard());
    if (replica.storage().publishedIndex() < seen) {
      await(replica, wait, "entry " + seen + " of the token is not applied here", "");
      if (replica.storage().publishedIndex() < seen) {
        throw unavailable("the cluster has no entry " + seen + ", which the token names");
      }
    }
  }

  private boolean isWithin(ShardReplica replica, Duration max) {
    Current last = current.get(replica.shard());
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
      current.set(replica.shard(), new Current(replica, begunNanos));
    } catch (ReplicaFailure.Unavailable e) {
      throw unavailable(what + " within " + timeout.toMillis() + " ms: " + e.getMessage() + hint);
    }
  }

  private static ApiError unavailable(String message) {
    return new ApiError(ApiError.Type.UNAVAILABLE, message);
  }
}

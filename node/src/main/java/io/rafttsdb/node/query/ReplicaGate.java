package io.rafttsdb.node.query;

import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.storage.Tsdb;
import java.time.Duration;

/** Reads of this node's replica: by a barrier of the Raft group, or what is there. */
final class ReplicaGate implements ReadGate {

  /** A change of leader passes in less; without a majority the user is told soon. */
  private static final Duration BARRIER_WAIT_MAX = Duration.ofSeconds(10);

  private final ReplicaSlot slot;

  ReplicaGate(ReplicaSlot slot) {
    this.slot = slot;
  }

  @Override
  public Tsdb open(Consistency consistency, Duration timeout)
      throws ApiError, InterruptedException {
    ShardReplica replica = slot.replica().orElse(null);
    if (replica == null) {
      throw new ApiError(
          ApiError.Type.UNAVAILABLE, "this node is not ready: " + slot.notReadyReason());
    }
    if (replica.isDiverged()) { // also where it need not be new
      throw new ApiError(ApiError.Type.UNAVAILABLE, replica.status().reason());
    }
    if (consistency == Consistency.LINEARIZABLE) {
      await(replica, timeout.compareTo(BARRIER_WAIT_MAX) < 0 ? timeout : BARRIER_WAIT_MAX);
    }
    return replica.storage();
  }

  private static void await(ShardReplica replica, Duration timeout)
      throws ApiError, InterruptedException {
    try {
      long _ = replica.awaitReadable(timeout);
    } catch (ReplicaFailure.Unavailable e) {
      throw new ApiError(
          ApiError.Type.UNAVAILABLE,
          "no linearizable read within "
              + timeout.toMillis()
              + " ms: "
              + e.getMessage()
              + "; consistency=stale reads what this node has");
    }
  }
}

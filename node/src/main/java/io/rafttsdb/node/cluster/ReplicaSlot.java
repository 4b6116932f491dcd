package io.rafttsdb.node.cluster;

import io.rafttsdb.replica.ReplicaStatus;
import io.rafttsdb.replica.ShardReplica;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The node's replica while the node is a member of a cluster, and before and after that why it is
 * not. One thread sets it, any thread reads it.
 */
public final class ReplicaSlot {

  private volatile String waitingFor = "starting";
  private volatile @Nullable ShardReplica replica;

  /** There is no replica yet, for this reason. */
  public void waiting(String reason) {
    waitingFor = reason;
    replica = null;
  }

  /** From now on there is one. */
  public void running(ShardReplica started) {
    replica = started;
  }

  public Optional<ShardReplica> replica() {
    return Optional.ofNullable(replica);
  }

  /** Why the node can't serve; empty where it can. */
  public String notReadyReason() {
    ShardReplica running = replica;
    if (running == null) {
      return waitingFor;
    }
    ReplicaStatus status = running.status();
    return status.ready() ? "" : status.reason();
  }
}

package io.rafttsdb.node.query;

import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.replica.ShardReplica;
import java.util.List;

/** Whether the endpoints below {@code /api/v1/admin/tsdb} do anything on this node. */
final class AdminGate {

  private final ReplicaSlot slot;
  private final boolean isOpen;

  /**
   * The gate of a node.
   *
   * @param isOpen whether it was started with them
   */
  AdminGate(ReplicaSlot slot, boolean isOpen) {
    this.slot = slot;
    this.isOpen = isOpen;
  }

  /** The replicas of all shards, where the endpoints are open. */
  List<ShardReplica> pass() throws ApiError {
    requireOpen();
    List<ShardReplica> shards = slot.shards();
    if (shards.isEmpty()) {
      throw new ApiError(
          ApiError.Type.UNAVAILABLE, "this node is not ready: " + slot.notReadyReason());
    }
    return shards;
  }

  void requireOpen() throws ApiError {
    if (!isOpen) {
      throw new ApiError(
          ApiError.Type.UNAVAILABLE,
          "admin APIs disabled: start the node with --web.enable-admin-api");
    }
  }
}

package io.rafttsdb.node.query;

import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.replica.ShardReplica;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** Reads of this node's replicas, of all shards at a time. */
final class ReplicaGate implements ReadGate {

  /** A change of leader passes in less; without a majority the user is told soon. */
  private static final Duration BARRIER_WAIT_MAX = Duration.ofSeconds(10);

  private final ReplicaSlot slot;
  private final InstantSource clock;
  private final ShardGate gate = new ShardGate();

  ReplicaGate(ReplicaSlot slot, InstantSource clock) {
    this.slot = slot;
    this.clock = clock;
  }

  @Override
  public OpenedRead open(ReadDemand demand, Duration timeout)
      throws ApiError, InterruptedException {
    List<ShardReplica> shards = slot.shards();
    if (shards.isEmpty()) {
      throw new ApiError(
          ApiError.Type.UNAVAILABLE, "this node is not ready: " + slot.notReadyReason());
    }
    ShardReplica home = shards.getFirst();
    ReadToken token =
        demand.token().isEmpty() ? null : ReadToken.parse(demand.token(), home.clusterId());
    Duration wait = timeout.compareTo(BARRIER_WAIT_MAX) < 0 ? timeout : BARRIER_WAIT_MAX;
    if (shards.size() == 1) {
      gate.open(home, demand, token, wait);
    } else {
      openAll(shards, several(demand), token, wait);
    }
    return new OpenedRead(
        new Storages(shards.stream().map(ShardReplica::storage).toList()),
        demand.consistency(),
        clock.millis(),
        home.clusterId());
  }

  /** No node leads all shards: what is demanded of the leader alone, any node has by a barrier. */
  private static ReadDemand several(ReadDemand demand) {
    return demand.consistency() == Consistency.LEADER
        ? new ReadDemand(Consistency.LINEARIZABLE, null, demand.token())
        : demand;
  }

  /** What waits for a majority waits for that of each shard at the same time. */
  private void openAll(
      List<ShardReplica> shards, ReadDemand demand, @Nullable ReadToken token, Duration wait)
      throws ApiError, InterruptedException {
    List<FutureTask<Boolean>> others = new ArrayList<>();
    for (ShardReplica shard : shards.subList(1, shards.size())) {
      FutureTask<Boolean> opening =
          new FutureTask<>(() -> {
            gate.open(shard, demand, token, wait);
            return true;
          });
      others.add(opening);
      Thread.ofVirtual().name("read-shard-" + shard.shard()).start(opening);
    }
    try {
      gate.open(shards.getFirst(), demand, token, wait);
      for (FutureTask<Boolean> opening : others) {
        boolean _ = opening.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ApiError refused) {
        throw refused;
      }
      throw new IllegalStateException("a read was let in to a shard in an unknown way", e);
    } finally {
      others.forEach(opening -> opening.cancel(true));
    }
  }
}

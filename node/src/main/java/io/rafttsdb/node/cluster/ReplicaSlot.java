package io.rafttsdb.node.cluster;

import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.replica.RaftNode;
import io.rafttsdb.replica.ReplicaStatus;
import io.rafttsdb.replica.ShardReplica;
import java.util.List;
import java.util.Optional;

/**
 * The node's replicas while the node is a member of a cluster, and before and after that why it is
 * not. One thread sets them, any thread reads them.
 */
public final class ReplicaSlot {

  /** In what nodes ask of each other: which shard is meant; left out: the first. */
  public static final String SHARD_PARAMETER = "shard";

  private volatile String waitingFor = "starting";
  private volatile List<ShardReplica> shards = List.of();

  /** There are no replicas yet, for this reason. */
  public void waiting(String reason) {
    waitingFor = reason;
    shards = List.of();
  }

  /** From now on there are some. */
  public void running(RaftNode started) {
    shards = started.shards();
  }

  /** One for each shard, in order; empty where the node has none. */
  public List<ShardReplica> shards() {
    return shards;
  }

  /** That of the first shard, which is the home of the members and the settings. */
  public Optional<ShardReplica> replica() {
    List<ShardReplica> present = shards;
    return present.isEmpty() ? Optional.empty() : Optional.of(present.getFirst());
  }

  /** That which a request of another node means; empty where there is none. */
  public Optional<ShardReplica> replica(HttpRequest request) {
    String text = request.parameter(SHARD_PARAMETER);
    List<ShardReplica> present = shards;
    int shard = text == null ? 0 : number(text);
    return shard >= 0 && shard < present.size()
        ? Optional.of(present.get(shard))
        : Optional.empty();
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Why the node can't serve; empty where it can. */
  public String notReadyReason() {
    List<ShardReplica> present = shards;
    if (present.isEmpty()) {
      return waitingFor;
    }
    for (ShardReplica each : present) {
      ReplicaStatus status = each.status();
      if (!status.ready()) {
        return present.size() == 1
            ? status.reason()
            : "shard " + each.shard() + ": " + status.reason();
      }
    }
    return "";
  }
}

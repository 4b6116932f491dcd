package io.rafttsdb.node.cluster;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.replica.ReplicaStatus;
import io.rafttsdb.replica.ShardReplica;
import java.util.Set;

/**
 * The two questions of whoever runs the node, answered as Prometheus answers them:
 *
 * <ul>
 *   <li>{@code /-/healthy}: 200 while a restart would not help; a node that waits is healthy
 *   <li>{@code /-/ready}: 200 while it can serve, else 503 with the reason
 * </ul>
 */
public final class HealthEndpoints {

  /** States of the Ratis division out of which nothing leads. */
  private static final Set<String> DEAD = Set.of("CLOSING", "CLOSED", "EXCEPTION");

  private final ReplicaSlot slot;

  public HealthEndpoints(ReplicaSlot slot) {
    this.slot = slot;
  }

  public void register(Router.Builder router) {
    router.get("/-/healthy", request -> healthy()).get("/-/ready", request -> ready());
  }

  private HttpReply healthy() {
    return slot.shards().stream()
        .map(ShardReplica::status)
        .filter(status -> status.logFailed() || DEAD.contains(status.lifecycle()))
        .findFirst()
        .map(HealthEndpoints::sick)
        .orElseGet(() -> HttpReply.text(200, "raft-tsdb is Healthy."));
  }

  private static HttpReply sick(ReplicaStatus status) {
    return HttpReply.text(503, "raft-tsdb is not healthy: " + status.reason());
  }

  private HttpReply ready() {
    String reason = slot.notReadyReason();
    return reason.isEmpty()
        ? HttpReply.text(200, "raft-tsdb is Ready.")
        : HttpReply.text(503, "raft-tsdb is not ready: " + reason);
  }
}

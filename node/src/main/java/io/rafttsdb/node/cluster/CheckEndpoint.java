package io.rafttsdb.node.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.Router;

/**
 * {@code GET /api/v1/cluster/check}: hashes of this node's state after the last entries at which
 * the replicas are compared, for the other nodes.
 */
public final class CheckEndpoint {

  static final String PATH = "/api/v1/cluster/check";

  private final ReplicaSlot slot;

  public CheckEndpoint(ReplicaSlot slot) {
    this.slot = slot;
  }

  public void register(Router.Builder router) {
    router.get(
        PATH,
        request ->
            slot.replica(request)
                .map(replica -> CheckReportText.encode(replica.checkReport()))
                .map(bytes -> HttpReply.text(200, new String(bytes, UTF_8)))
                .orElseGet(() -> HttpReply.text(503, "this node is not ready")));
  }
}

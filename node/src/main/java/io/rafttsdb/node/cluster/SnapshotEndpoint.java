package io.rafttsdb.node.cluster;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.replica.disk.SnapshotLease;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/**
 * {@code GET /api/v1/cluster/snapshot}: the newest snapshot of this node as one stream, for a
 * member that lags behind the log. 503 where there is none.
 */
public final class SnapshotEndpoint {

  static final String PATH = "/api/v1/cluster/snapshot";

  private final ReplicaSlot slot;

  public SnapshotEndpoint(ReplicaSlot slot) {
    this.slot = slot;
  }

  public void register(Router.Builder router) {
    router.get(PATH, request -> snapshot());
  }

  private HttpReply snapshot() {
    ShardReplica replica = slot.replica().orElse(null);
    if (replica == null || replica.status().snapshotIndex() < 0) {
      return HttpReply.text(503, "this node has no snapshot yet").withHeader("Retry-After", "5");
    }
    return HttpReply.streamed(200, HttpReply.BINARY, out -> write(replica, out));
  }

  /** The lease is taken here, so that an answer which nobody fetches holds none. */
  private static void write(ShardReplica replica, OutputStream out) throws IOException {
    Optional<SnapshotLease> newest = replica.newestSnapshot();
    if (newest.isEmpty()) {
      throw new IOException("the snapshot is gone");
    }
    try (SnapshotLease lease = newest.get()) {
      lease.writeTo(out);
    }
  }
}

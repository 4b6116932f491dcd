package io.rafttsdb.node.cluster;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.replica.ServedFiles;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;

/**
 * For a member that lags behind the log: {@code GET /api/v1/cluster/snapshot}, the manifest of this
 * node's newest snapshot, which {@code pin=true} keeps for a while; and {@code GET
 * /api/v1/cluster/snapshot/file?snapshot=NAME&path=PATH}, a file of it, with {@code Range}. 503
 * where there is no snapshot.
 */
public final class SnapshotEndpoint {

  static final String PATH = "/api/v1/cluster/snapshot";
  static final String FILE_PATH = "/api/v1/cluster/snapshot/file";

  private final Function<HttpRequest, Optional<ServedFiles>> files;

  /**
   * The endpoint.
   *
   * @param files of the shard that a request means; empty before the node is a member of a cluster
   */
  public SnapshotEndpoint(Function<HttpRequest, Optional<ServedFiles>> files) {
    this.files = files;
  }

  public void register(Router.Builder router) {
    router.get(PATH, this::manifest).get(FILE_PATH, this::file);
  }

  private HttpReply manifest(HttpRequest request) {
    Optional<byte[]> manifest =
        files
            .apply(request)
            .flatMap(
                "true".equals(request.parameter("pin"))
                    ? ServedFiles::pinSnapshot
                    : ServedFiles::snapshotManifest);
    return manifest
        .map(bytes -> HttpReply.of(200, HttpReply.BINARY, bytes))
        .orElseGet(() ->
            HttpReply.text(503, "this node has no snapshot yet").withHeader("Retry-After", "5"));
  }

  private HttpReply file(HttpRequest request) throws IOException {
    String snapshot = request.parameter("snapshot");
    String path = request.parameter("path");
    if (snapshot == null || path == null) {
      return HttpReply.text(400, "expected the parameters snapshot and path");
    }
    ServedFiles served = files.apply(request).orElse(null);
    return ServedFile.answer(
        request, () -> served == null ? Optional.empty() : served.openSnapshotFile(snapshot, path));
  }
}

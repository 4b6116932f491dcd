package io.rafttsdb.node.cluster;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.replica.ServedFiles;
import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * For a member that lacks a block: {@code GET /api/v1/cluster/block/{ulid}}, the files of a block,
 * a line {@code SIZE NAME} each; and {@code GET /api/v1/cluster/block/{ulid}/file?name=NAME}, one
 * of them, with {@code Range}. 404 where the block is not here.
 */
public final class BlockEndpoint {

  static final String PATH = "/api/v1/cluster/block/{ulid}";
  static final String FILE_PATH = "/api/v1/cluster/block/{ulid}/file";

  private static final int BAD_REQUEST = 400;

  private final Function<HttpRequest, Optional<ServedFiles>> files;

  /**
   * The endpoint.
   *
   * @param files of the shard that a request means; empty before the node is a member of a cluster
   */
  public BlockEndpoint(Function<HttpRequest, Optional<ServedFiles>> files) {
    this.files = files;
  }

  public void register(Router.Builder router) {
    router.get(PATH, this::files).get(FILE_PATH, this::file);
  }

  private HttpReply files(HttpRequest request) throws IOException {
    if (!Ulid.isUlid(request.segment("ulid"))) {
      return HttpReply.text(BAD_REQUEST, "expected a ULID, got " + request.segment("ulid"));
    }
    Ulid ulid = Ulid.parse(request.segment("ulid"));
    Optional<ServedFiles> served = files.apply(request);
    List<BlockFile> listed = served.isEmpty() ? List.of() : served.get().blockFiles(ulid);
    if (listed.isEmpty()) {
      return HttpReply.text(404, "this node has no block " + ulid);
    }
    return HttpReply.text(200, BlockListText.encode(listed));
  }

  private HttpReply file(HttpRequest request) throws IOException {
    String name = request.parameter("name");
    if (name == null || !Ulid.isUlid(request.segment("ulid"))) {
      return HttpReply.text(BAD_REQUEST, "expected a ULID and the parameter name");
    }
    Ulid ulid = Ulid.parse(request.segment("ulid"));
    ServedFiles served = files.apply(request).orElse(null);
    return ServedFile.answer(
        request, () -> served == null ? Optional.empty() : served.openBlockFile(ulid, name));
  }
}

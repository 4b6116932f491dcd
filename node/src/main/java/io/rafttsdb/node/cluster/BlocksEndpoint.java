package io.rafttsdb.node.cluster;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.OrderedCompaction;
import io.rafttsdb.storage.model.ClusterVersions;
import io.rafttsdb.storage.model.Ulid;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;

/**
 * {@code GET /api/v1/cluster/blocks}: the blocks of the shard as this node knows them, and which of
 * them it has. {@code GET /api/v1/cluster/blocks/built}: what it has built of those that no
 * majority has yet, for the leader.
 */
public final class BlocksEndpoint {

  static final String PATH = "/api/v1/cluster/blocks";
  static final String BUILT_PATH = "/api/v1/cluster/blocks/built";

  /** The highest cluster version that the node knows. */
  static final String VERSION_HEADER = "X-Raft-Tsdb-Knows-Version";

  private static final JsonFactory JSON = new JsonFactory();
  private static final String NOT_READY = "this node is not ready";

  private final ReplicaSlot slot;

  public BlocksEndpoint(ReplicaSlot slot) {
    this.slot = slot;
  }

  public void register(Router.Builder router) {
    router.get(PATH, this::blocks).get(BUILT_PATH, this::built);
  }

  private HttpReply built(HttpRequest request) {
    return slot.replica(request)
        .map(replica ->
            HttpReply.text(200, BuiltBlocksText.encode(replica.builtBlocks()))
                .withHeader(VERSION_HEADER, Integer.toString(ClusterVersions.KNOWN)))
        .orElseGet(() -> HttpReply.text(503, NOT_READY));
  }

  private HttpReply blocks(HttpRequest request) throws IOException {
    ShardReplica replica = slot.replica(request).orElse(null);
    if (replica == null) {
      return HttpReply.text(503, NOT_READY);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.useDefaultPrettyPrinter();
      write(json, replica);
    }
    bytes.write('\n');
    return HttpReply.of(200, HttpReply.JSON, bytes.toByteArray());
  }

  private static void write(JsonGenerator json, ShardReplica replica) throws IOException {
    Manifest manifest = replica.storage().manifest();
    json.writeStartObject();
    json.writeArrayFieldStart("blocks");
    for (ManifestPart part : manifest.parts()) {
      write(json, part, manifest.deletesOf(part).size(), replica.hasBlock(part.ulid()));
    }
    json.writeEndArray();
    json.writeArrayFieldStart("compactions");
    for (OrderedCompaction ordered : manifest.compactions()) {
      json.writeStartObject();
      json.writeStringField("result", ordered.result().toString());
      json.writeArrayFieldStart("sources");
      for (Ulid source : ordered.sources()) {
        json.writeString(source.toString());
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, ManifestPart part, int deletes, boolean isHere)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("ulid", part.ulid().toString());
    json.writeStringField("origin", part.origin().name().toLowerCase(Locale.ROOT));
    json.writeNumberField("minTimeMs", part.minMs());
    json.writeNumberField("maxTimeMs", part.endMs());
    json.writeNumberField("level", part.level());
    json.writeNumberField("deletes", deletes);
    json.writeBooleanField("here", isHere);
    BlockFacts facts = part.facts();
    if (facts != null) {
      json.writeNumberField("sizeBytes", facts.sizeBytes());
      json.writeNumberField("series", facts.series());
      json.writeNumberField("chunks", facts.chunks());
      json.writeNumberField("samples", facts.samples());
      json.writeStringField("checksum", facts.checksum().toString());
    }
    json.writeEndObject();
  }
}

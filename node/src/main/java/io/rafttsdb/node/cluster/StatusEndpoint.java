package io.rafttsdb.node.cluster;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.rafttsdb.node.clock.ClockGauge;
import io.rafttsdb.node.clock.ClockVerdict;
import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.node.disk.DiskGauge;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaStatus;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.storage.model.HeadStats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/v1/cluster/status}: how this node and, as far as it knows, the cluster stand.
 * What is told of Raft is of the first shard, or of the one that the parameter {@code shard} names;
 * {@code shards} has all of them.
 */
public final class StatusEndpoint {

  private static final JsonFactory JSON = new JsonFactory();

  private final Bootstrap bootstrap;
  private final ReplicaSlot slot;
  private final DiskGauge disk;
  private final ClockGauge clock;
  private final int leaderPriority;

  /**
   * The endpoint.
   *
   * @param leaderPriority of this node, to lead
   */
  public StatusEndpoint(
      Bootstrap bootstrap, ReplicaSlot slot, DiskGauge disk, ClockGauge clock, int leaderPriority) {
    this.bootstrap = bootstrap;
    this.slot = slot;
    this.disk = disk;
    this.clock = clock;
    this.leaderPriority = leaderPriority;
  }

  public void register(Router.Builder router) {
    router.get("/api/v1/cluster/status", this::status);
  }

  private HttpReply status(HttpRequest request) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      write(json, slot.replica(request).orElse(null));
      json.writeEndObject();
    }
    bytes.write('\n');
    return HttpReply.of(200, HttpReply.JSON, bytes.toByteArray());
  }

  private void write(JsonGenerator json, @Nullable ShardReplica replica) throws IOException {
    json.writeStringField("node", bootstrap.name());
    Identity identity = bootstrap.identity();
    if (identity instanceof Identity.Joined joined) {
      json.writeStringField("clusterId", joined.clusterId().toString());
      json.writeStringField("incarnation", joined.self().incarnation());
    } else {
      json.writeNullField("clusterId");
      json.writeNullField("incarnation");
    }
    if (replica == null) {
      json.writeStringField("role", "none");
      json.writeNullField("leader");
      json.writeNumberField("term", 0);
      json.writeNumberField("commitIndex", -1);
      json.writeNumberField("appliedIndex", -1);
    } else {
      raft(json, replica.status());
    }
    String reason = slot.notReadyReason();
    json.writeBooleanField("ready", reason.isEmpty());
    json.writeStringField("reason", reason);
    if (replica != null) {
      List<ShardReplica> shards = slot.shards();
      json.writeNumberField("clusterVersion", replica.storage().clusterVersion());
      json.writeNumberField("series", sum(shards, HeadStats::seriesCount));
      json.writeNumberField("samples", sum(shards, HeadStats::sampleCount));
      json.writeNumberField("agreedIndex", replica.agreedIndex());
    }
    json.writeNumberField("leaderPriority", leaderPriority);
    json.writeStringField("disk", disk.state().level().name().toLowerCase(Locale.ROOT));
    clock(json);
    json.writeArrayFieldStart("shards");
    for (ShardReplica shard : slot.shards()) {
      json.writeStartObject();
      raft(json, shard.status());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("members");
    if (replica == null) {
      for (MemberAddress member : members(identity)) {
        member(json, member.name(), member.http().toString(), member.raft().toString());
      }
    } else {
      for (Member member : replica.membership().present().all()) {
        member(json, member.name(), member.httpAddress(), member.raftAddress());
      }
    }
    json.writeEndArray();
  }

  private static long sum(List<ShardReplica> shards, ToLongFunction<HeadStats> of) {
    return shards.stream().mapToLong(shard -> of.applyAsLong(shard.storage().stats())).sum();
  }

  private void clock(JsonGenerator json) throws IOException {
    ClockVerdict verdict = clock.verdict();
    json.writeStringField("clock", verdict.kind().name().toLowerCase(Locale.ROOT));
    if (verdict.kind() == ClockVerdict.Kind.UNKNOWN) {
      json.writeNullField("clockOffsetMs");
    } else {
      json.writeNumberField("clockOffsetMs", verdict.offsetMs());
    }
    json.writeNumberField("timeMs", clock.timeMs());
  }

  private static void member(JsonGenerator json, String name, String http, String raft)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeStringField("http", http);
    json.writeStringField("raft", raft);
    json.writeEndObject();
  }

  private static void raft(JsonGenerator json, ReplicaStatus status) throws IOException {
    json.writeStringField("role", status.role().name().toLowerCase(Locale.ROOT));
    Member leader = status.leader();
    if (leader == null) {
      json.writeNullField("leader");
    } else {
      json.writeObjectFieldStart("leader");
      json.writeStringField("name", leader.name());
      json.writeStringField("http", leader.httpAddress());
      json.writeEndObject();
    }
    json.writeNumberField("term", status.term());
    json.writeNumberField("commitIndex", status.commitIndex());
    json.writeNumberField("appliedIndex", status.appliedIndex());
    json.writeNumberField("snapshotIndex", status.snapshotIndex());
  }

  private List<MemberAddress> members(Identity identity) {
    return identity instanceof Identity.Joined joined
        ? joined.members().stream().map(ClusterMember::address).toList()
        : bootstrap.configuredMembers();
  }
}

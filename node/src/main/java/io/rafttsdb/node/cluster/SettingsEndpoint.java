package io.rafttsdb.node.cluster;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.rafttsdb.command.CommandResult;
import io.rafttsdb.node.config.SettingsText;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.SettingsChange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code GET} and {@code POST /api/v1/cluster/settings}: the replicated settings as this node has
 * applied them, and a change of some, which any node passes on to the leader.
 */
public final class SettingsEndpoint {

  private static final String PATH = "/api/v1/cluster/settings";
  private static final JsonFactory JSON = new JsonFactory();
  private static final Duration CHANGE_LIMIT = Duration.ofSeconds(30);

  private final ReplicaSlot slot;
  private final LeaderCall leader;

  public SettingsEndpoint(ReplicaSlot slot, HttpClient client) {
    this.slot = slot;
    this.leader = new LeaderCall(client);
  }

  public void register(Router.Builder router) {
    router.get(PATH, this::present).post(PATH, this::change);
  }

  private HttpReply present(HttpRequest request) throws IOException {
    ShardReplica replica = slot.replica(request).orElse(null);
    return replica == null ? notReady() : present(replica.storage());
  }

  private static HttpReply present(Tsdb storage) throws IOException {
    long index = storage.publishedIndex(); // what is read next is as new, or newer
    Settings settings = storage.settings();
    if (settings == null) {
      return unavailable("the cluster waits for its first settings");
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeNumberField("appliedIndex", index);
      json.writeObjectFieldStart("settings");
      for (Map.Entry<String, String> each : SettingsText.of(settings).entrySet()) {
        json.writeStringField(each.getKey(), each.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    bytes.write('\n');
    return HttpReply.of(200, HttpReply.JSON, bytes.toByteArray());
  }

  private HttpReply change(HttpRequest request) throws IOException, InterruptedException {
    SettingsChange change;
    try {
      change = SettingsText.parse(request.parameters());
    } catch (IllegalArgumentException e) {
      return HttpReply.text(400, String.valueOf(e.getMessage()));
    }
    ShardReplica replica = slot.replica().orElse(null);
    if (replica == null) {
      return notReady();
    }
    return replica.isLeader() ? change(replica, change) : pass(request, replica);
  }

  private static HttpReply change(ShardReplica replica, SettingsChange change)
      throws IOException, InterruptedException {
    try {
      CommandResult result =
          replica.configure(change).get(CHANGE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      return result instanceof CommandResult.Refused(String reason)
          ? unavailable(reason)
          : present(replica.storage());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ReplicaFailure failure) {
        return unavailable(failure.getMessage() + "; the same may be asked again");
      }
      throw new IllegalStateException("expected a failure of the replica", e);
    } catch (TimeoutException e) {
      return unavailable(
          "not done within " + CHANGE_LIMIT.toSeconds() + " s; the same may be asked again");
    }
  }

  private HttpReply pass(HttpRequest request, ShardReplica replica) throws InterruptedException {
    Member to = replica.leader();
    if (to == null || !LeaderCall.mayPass(request)) {
      return unavailable("no leader is known; try again");
    }
    try {
      return leader.pass(request, to.httpAddress(), CHANGE_LIMIT);
    } catch (IOException e) {
      return unavailable(
          "the leader " + to.name() + " did not answer: " + e + "; the same may be asked again");
    }
  }

  private HttpReply notReady() {
    return unavailable("this node is not ready: " + slot.notReadyReason());
  }

  private static HttpReply unavailable(String reason) {
    return HttpReply.text(503, reason).withHeader("Retry-After", "1");
  }
}

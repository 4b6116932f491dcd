package io.rafttsdb.node.cli;

import io.rafttsdb.node.config.Address;
import io.rafttsdb.node.members.JsonFields;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What a node says of itself at /api/v1/cluster/status.
 *
 * @param reason why it is not ready; empty where it is
 */
record NodeStatus(String role, String term, boolean ready, String reason) {

  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
  private static final int BYTES_MAX = 1 << 20;

  /** Asks a node; empty where it is not up yet, or no more. */
  static Optional<NodeStatus> ifAnswers(HttpClient client, Address http)
      throws InterruptedException {
    try {
      return Optional.of(ask(client, http));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static NodeStatus ask(HttpClient client, Address http)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + http + "/api/v1/cluster/status"))
            .timeout(ANSWER_LIMIT)
            .build();
    HttpResponse<byte[]> response =
        client.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), BYTES_MAX));
    if (response.statusCode() != 200) {
      throw new IOException("status " + response.statusCode());
    }
    Map<String, String> fields = JsonFields.of(response.body());
    return new NodeStatus(
        fields.getOrDefault("role", ""),
        fields.getOrDefault("term", ""),
        Boolean.parseBoolean(fields.get("ready")),
        fields.getOrDefault("reason", ""));
  }

  boolean leads() {
    return role.equals("leader");
  }
}

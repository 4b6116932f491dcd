package io.rafttsdb.node.members;

import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.config.NodeConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Asks other nodes how they stand. For any thread. */
final class NodeProbe {

  /** For one question and its answer. */
  static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);

  /** Of a node that does not say what its clock shows. */
  static final long NO_TIME = Long.MIN_VALUE;

  private static final int BYTES_MAX = 1 << 20;

  private final HttpClient client;

  NodeProbe(HttpClient client) {
    this.client = client;
  }

  /**
   * What a node says of itself.
   *
   * @param incarnation empty while it belongs to no cluster
   * @param role none before its replica runs
   * @param appliedIndex -1 before its replica has applied anything
   * @param hasRoom whether its disk has more than the reserve left
   * @param priority with which it leads
   * @param timeMs what its wall clock showed, in milliseconds since 1970; {@link #NO_TIME} where it
   *     does not say
   * @param arrivedNanos when the answer was here, by System.nanoTime
   * @param roundTrip from the question to the answer
   */
  record State(
      String incarnation,
      String role,
      long appliedIndex,
      boolean hasRoom,
      int priority,
      long timeMs,
      long arrivedNanos,
      Duration roundTrip) {
    boolean runs() {
      return !role.equals("none");
    }
  }

  /** Asks the node at an address; empty where it does not answer, or not sensibly. */
  Optional<State> state(String http) throws InterruptedException {
    return state(http, 0);
  }

  /** The same; what is told of Raft is of a shard. */
  Optional<State> state(String http, int shard) throws InterruptedException {
    long askedNanos = System.nanoTime();
    try {
      byte[] answer =
          get(http, "/api/v1/cluster/status?" + ReplicaSlot.SHARD_PARAMETER + "=" + shard);
      long arrivedNanos = System.nanoTime();
      Map<String, String> fields = JsonFields.of(answer);
      String timeMs = fields.get("timeMs");
      return Optional.of(
          new State(
              fields.getOrDefault("incarnation", ""),
              fields.getOrDefault("role", ""),
              Long.parseLong(fields.getOrDefault("appliedIndex", "-1")),
              fields.getOrDefault("disk", "room").equals("room"),
              Integer.parseInt(
                  fields.getOrDefault("leaderPriority", "" + NodeConfig.LEADER_PRIORITY_DEFAULT)),
              timeMs == null ? NO_TIME : Long.parseLong(timeMs),
              arrivedNanos,
              Duration.ofNanos(arrivedNanos - askedNanos)));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The members as the node at an address knows them by itself. */
  Optional<MembersReport> members(String http) throws InterruptedException {
    try {
      return Optional.of(
          MembersReport.parse(get(http, MembersEndpoints.MEMBERS_PATH + "?local=true")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private byte[] get(String http, String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + http + path)).timeout(ANSWER_LIMIT).build();
    HttpResponse<byte[]> response =
        client.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), BYTES_MAX));
    if (response.statusCode() != 200) {
      throw new IOException("status " + response.statusCode());
    }
    return response.body();
  }
}

package io.rafttsdb.node.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Passes a request for the leader on to it, and its answer back. */
public final class LeaderCall {

  /** How often a request was passed on: while leadership moves, more than one node may do so. */
  private static final String HOPS_HEADER = "X-Raft-Tsdb-Hops";

  private static final int NO_CONTENT = 204;
  private static final int HOPS_MAX = 3;
  private static final int ANSWER_BYTES_MAX = 1 << 20;

  private final HttpClient client;

  public LeaderCall(HttpClient client) {
    this.client = client;
  }

  /** Whether a request may be passed on once more. */
  public static boolean mayPass(HttpRequest request) {
    return hops(request) < HOPS_MAX;
  }

  /** Whether another node has passed it on. */
  public static boolean wasPassed(HttpRequest request) {
    return hops(request) > 0;
  }

  private static int hops(HttpRequest request) {
    String header = request.header(HOPS_HEADER);
    try {
      return header == null ? 0 : Integer.parseInt(header);
    } catch (NumberFormatException e) {
      return HOPS_MAX;
    }
  }

  /**
   * Asks the leader.
   *
   * @throws IOException where it does not answer; it may have done what was asked
   */
  public HttpReply pass(HttpRequest request, String leader, Duration limit)
      throws IOException, InterruptedException {
    return pass(request, request.parameters(), leader, limit);
  }

  /** The same for the leader of a shard: it is told which. */
  public HttpReply pass(HttpRequest request, int shard, String leader, Duration limit)
      throws IOException, InterruptedException {
    Map<String, List<String>> parameters = new TreeMap<>(request.parameters());
    parameters.put(ReplicaSlot.SHARD_PARAMETER, List.of(Integer.toString(shard)));
    return pass(request, parameters, leader, limit);
  }

  private HttpReply pass(
      HttpRequest request, Map<String, List<String>> parameters, String leader, Duration limit)
      throws IOException, InterruptedException {
    java.net.http.HttpRequest passed =
        java.net.http.HttpRequest.newBuilder(
                URI.create("http://" + leader + request.path() + query(parameters)))
            .timeout(limit)
            .header(HOPS_HEADER, Integer.toString(hops(request) + 1))
            .method(request.method(), BodyPublishers.noBody())
            .build();
    HttpResponse<byte[]> response =
        client.send(passed, BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
    String type = response.headers().firstValue("Content-Type").orElse(HttpReply.TEXT);
    HttpReply reply =
        response.statusCode() == NO_CONTENT
            ? HttpReply.noContent()
            : HttpReply.of(response.statusCode(), type, response.body());
    return response
        .headers()
        .firstValue("Retry-After")
        .map(seconds -> reply.withHeader("Retry-After", seconds))
        .orElse(reply);
  }

  private static String query(Map<String, List<String>> parameters) {
    StringBuilder query = new StringBuilder();
    parameters.forEach((name, values) ->
        values.forEach(value ->
            query
                .append(query.isEmpty() ? '?' : '&')
                .append(URLEncoder.encode(name, UTF_8))
                .append('=')
                .append(URLEncoder.encode(value, UTF_8))));
    return query.toString();
  }
}

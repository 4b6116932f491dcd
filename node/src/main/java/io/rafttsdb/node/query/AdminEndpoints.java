package io.rafttsdb.node.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.promql.PromQl;
import io.rafttsdb.promql.QueryLimits;
import io.rafttsdb.replica.CommandResult;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.storage.model.Matcher;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Prometheus's endpoints below {@code /api/v1/admin/tsdb} that change data, on any node: {@code
 * delete_series} and {@code clean_tombstones}. Closed unless the node was started with them.
 */
public final class AdminEndpoints implements AutoCloseable {

  private static final String DELETE_SERIES = "/api/v1/admin/tsdb/delete_series";
  private static final String CLEAN_TOMBSTONES = "/api/v1/admin/tsdb/clean_tombstones";

  /** Says that a node has sent the request on, so that it is not sent on again. */
  private static final String FORWARDED_HEADER = "X-Raft-Tsdb-Forwarded";

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);
  private static final Duration DELETE_LIMIT = Duration.ofSeconds(30);

  /** Blocks are written anew one after the other; who asks again goes on waiting. */
  private static final Duration CLEAN_LIMIT = Duration.ofMinutes(10);

  private static final int ANSWER_BYTES_MAX = 64 << 10;

  private final ReplicaSlot slot;
  private final boolean isOpen;
  private final PromQl parser = new PromQl(QueryLimits.DEFAULT);
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_LIMIT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * Endpoints of a node.
   *
   * @param isOpen whether they do anything
   */
  public AdminEndpoints(ReplicaSlot slot, boolean isOpen) {
    this.slot = slot;
    this.isOpen = isOpen;
  }

  public void register(Router.Builder router) {
    for (String method : List.of("POST", "PUT")) {
      router
          .add(method, DELETE_SERIES, ApiFunction.handler(this::deleteSeries))
          .add(method, CLEAN_TOMBSTONES, ApiFunction.handler(this::cleanTombstones));
    }
  }

  private HttpReply deleteSeries(HttpRequest request) throws ApiError, InterruptedException {
    requireOpen();
    ReadParameters parameters = new ReadParameters(request);
    List<List<Matcher>> matcherSets = parameters.matcherSets(parser);
    if (matcherSets.isEmpty()) {
      throw new ApiError(ApiError.Type.BAD_DATA, "no match[] parameter provided");
    }
    long startMs = parameters.timeMs("start", Long.MIN_VALUE);
    long endMs = parameters.timeMs("end", Long.MAX_VALUE);
    if (startMs > endMs) {
      throw ApiError.badParameter("end", "end timestamp must not be before start time");
    }
    ShardReplica replica = replica();
    if (!replica.isLeader()) {
      return forward(request, replica.leader(), DELETE_SERIES, DELETE_LIMIT);
    }
    for (List<Matcher> matchers : matcherSets) {
      await(replica.delete(matchers, startMs, endMs), DELETE_LIMIT);
    }
    return HttpReply.noContent();
  }

  private HttpReply cleanTombstones(HttpRequest request) throws ApiError, InterruptedException {
    requireOpen();
    ShardReplica replica = replica();
    if (!replica.isLeader()) {
      return forward(request, replica.leader(), CLEAN_TOMBSTONES, CLEAN_LIMIT);
    }
    await(replica.cleanTombstones(CLEAN_LIMIT), CLEAN_LIMIT);
    return HttpReply.noContent();
  }

  private void requireOpen() throws ApiError {
    if (!isOpen) {
      throw new ApiError(
          ApiError.Type.UNAVAILABLE,
          "admin APIs disabled: start the node with --web.enable-admin-api");
    }
  }

  private ShardReplica replica() throws ApiError {
    return slot.replica()
        .orElseThrow(() ->
            new ApiError(
                ApiError.Type.UNAVAILABLE, "this node is not ready: " + slot.notReadyReason()));
  }

  private static void await(CompletableFuture<CommandResult> future, Duration limit)
      throws ApiError, InterruptedException {
    try {
      if (future.get(limit.toMillis(), TimeUnit.MILLISECONDS)
          instanceof CommandResult.Refused(String reason)) {
        throw new ApiError(ApiError.Type.UNAVAILABLE, reason);
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ReplicaFailure failure) {
        throw new ApiError(
            ApiError.Type.UNAVAILABLE, failure.getMessage() + "; the same may be asked again");
      }
      throw new IllegalStateException("expected a failure of the replica", e);
    } catch (TimeoutException e) {
      throw new ApiError(
          ApiError.Type.TIMEOUT,
          "not done within " + limit.toSeconds() + " s; the same may be asked again");
    }
  }

  private HttpReply forward(
      HttpRequest request, @Nullable Member leader, String path, Duration limit)
      throws ApiError, InterruptedException {
    if (leader == null || request.header(FORWARDED_HEADER) != null) {
      throw new ApiError(ApiError.Type.UNAVAILABLE, "no leader is known; try again");
    }
    StringBuilder form = new StringBuilder();
    for (String name : List.of("match[]", "start", "end")) {
      for (String value : request.parameterValues(name)) {
        form.append(form.isEmpty() ? "" : "&")
            .append(URLEncoder.encode(name, UTF_8))
            .append('=')
            .append(URLEncoder.encode(value, UTF_8));
      }
    }
    try {
      HttpResponse<byte[]> answer =
          client.send(
              java.net.http.HttpRequest.newBuilder(
                      URI.create("http://" + leader.httpAddress() + path))
                  .timeout(limit)
                  .header(FORWARDED_HEADER, "true")
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(BodyPublishers.ofString(form.toString()))
                  .build(),
              BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
      return answer.statusCode() == 204
          ? HttpReply.noContent()
          : HttpReply.of(answer.statusCode(), HttpReply.JSON, answer.body());
    } catch (IOException e) {
      throw new ApiError(
          ApiError.Type.UNAVAILABLE,
          "the leader "
              + leader.name()
              + " did not answer: "
              + e
              + "; the same may be asked again");
    }
  }

  /** Ends requests that are being forwarded. */
  @Override
  public void close() {
    client.shutdownNow();
  }
}

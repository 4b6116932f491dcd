package io.rafttsdb.node.query;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.promql.PromQl;
import io.rafttsdb.promql.QueryLimits;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.storage.model.Matcher;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Prometheus's endpoints below {@code /api/v1/admin/tsdb} that change data, on any node: {@code
 * delete_series} and {@code clean_tombstones}, of all shards. Closed unless the node was started
 * with them.
 */
public final class AdminEndpoints {

  private static final String DELETE_SERIES = "/api/v1/admin/tsdb/delete_series";
  private static final String CLEAN_TOMBSTONES = "/api/v1/admin/tsdb/clean_tombstones";

  private static final Duration DELETE_LIMIT = Duration.ofSeconds(30);

  /** Blocks are written anew one after the other; who asks again goes on waiting. */
  private static final Duration CLEAN_LIMIT = Duration.ofMinutes(10);

  private final AdminGate gate;
  private final PromQl parser = new PromQl(QueryLimits.DEFAULT);
  private final LeadersOfShards leaders;

  /**
   * Endpoints of a node.
   *
   * @param isOpen whether they do anything
   */
  public AdminEndpoints(ReplicaSlot slot, HttpClient client, boolean isOpen) {
    this.gate = new AdminGate(slot, isOpen);
    this.leaders = new LeadersOfShards(client);
  }

  public void register(Router.Builder router) {
    for (String method : List.of("POST", "PUT")) {
      router
          .add(method, DELETE_SERIES, ApiFunction.handler(this::deleteSeries))
          .add(method, CLEAN_TOMBSTONES, ApiFunction.handler(this::cleanTombstones));
    }
  }

  private HttpReply deleteSeries(HttpRequest request) throws ApiError, InterruptedException {
    gate.requireOpen();
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
    return leaders.answer(
        request,
        gate.pass(request),
        shard -> {
          for (List<Matcher> matchers : matcherSets) {
            await(shard.delete(matchers, startMs, endMs), DELETE_LIMIT);
          }
        },
        DELETE_LIMIT);
  }

  private HttpReply cleanTombstones(HttpRequest request) throws ApiError, InterruptedException {
    return leaders.answer(
        request,
        gate.pass(request),
        shard -> await(shard.cleanTombstones(), CLEAN_LIMIT),
        CLEAN_LIMIT);
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
}

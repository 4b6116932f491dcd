package io.rafttsdb.node.query;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.node.cluster.LeaderCall;
import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.promql.PromQl;
import io.rafttsdb.promql.QueryLimits;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.storage.model.Matcher;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Prometheus's endpoints below {@code /api/v1/admin/tsdb} that change data, on any node: {@code
 * delete_series} and {@code clean_tombstones}. Closed unless the node was started with them.
 */
public final class AdminEndpoints {

  private static final String DELETE_SERIES = "/api/v1/admin/tsdb/delete_series";
  private static final String CLEAN_TOMBSTONES = "/api/v1/admin/tsdb/clean_tombstones";

  private static final Duration DELETE_LIMIT = Duration.ofSeconds(30);

  /** Blocks are written anew one after the other; who asks again goes on waiting. */
  private static final Duration CLEAN_LIMIT = Duration.ofMinutes(10);

  private final AdminGate gate;
  private final PromQl parser = new PromQl(QueryLimits.DEFAULT);
  private final LeaderCall leader;

  /**
   * Endpoints of a node.
   *
   * @param isOpen whether they do anything
   */
  public AdminEndpoints(ReplicaSlot slot, HttpClient client, boolean isOpen) {
    this.gate = new AdminGate(slot, isOpen);
    this.leader = new LeaderCall(client);
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
    return onAll(
        request,
        DELETE_LIMIT,
        shard -> {
          for (List<Matcher> matchers : matcherSets) {
            await(shard.delete(matchers, startMs, endMs), DELETE_LIMIT);
          }
        });
  }

  private HttpReply cleanTombstones(HttpRequest request) throws ApiError, InterruptedException {
    return onAll(request, CLEAN_LIMIT, shard -> await(shard.cleanTombstones(), CLEAN_LIMIT));
  }

  /** What the leader of a shard does. */
  @FunctionalInterface
  private interface Action {
    void on(ShardReplica shard) throws ApiError, InterruptedException;
  }

  /**
   * Has every shard's leader do it, one after the other, or that of the shard alone which a request
   * names that was passed on. Where one fails, those before it have done it; all may be asked
   * again.
   */
  private HttpReply onAll(HttpRequest request, Duration limit, Action action)
      throws ApiError, InterruptedException {
    List<ShardReplica> shards = gate.pass();
    if (LeaderCall.wasPassed(request)) {
      return on(shard(request, shards), request, limit, action);
    }
    for (ShardReplica shard : shards) {
      HttpReply reply = on(shard, request, limit, action);
      if (reply.status() / 100 != 2) {
        return reply;
      }
    }
    return HttpReply.noContent();
  }

  private HttpReply on(ShardReplica shard, HttpRequest request, Duration limit, Action action)
      throws ApiError, InterruptedException {
    if (!shard.isLeader()) {
      return pass(request, shard, limit);
    }
    action.on(shard);
    return HttpReply.noContent();
  }

  private ShardReplica shard(HttpRequest request, List<ShardReplica> shards) throws ApiError {
    String text = new ReadParameters(request).text(ReplicaSlot.SHARD_PARAMETER);
    return shards.stream()
        .filter(shard -> text.equals(Integer.toString(shard.shard())))
        .findFirst()
        .orElseThrow(() -> ApiError.badParameter("shard", "there is no shard " + text));
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

  private HttpReply pass(HttpRequest request, ShardReplica shard, Duration limit)
      throws ApiError, InterruptedException {
    Member to = shard.leader();
    if (to == null || !LeaderCall.mayPass(request)) {
      throw new ApiError(ApiError.Type.UNAVAILABLE, "no leader is known; try again");
    }
    try {
      return leader.pass(request, shard.shard(), to.httpAddress(), limit);
    } catch (IOException e) {
      throw new ApiError(
          ApiError.Type.UNAVAILABLE,
          "the leader " + to.name() + " did not answer: " + e + "; the same may be asked again");
    }
  }
}

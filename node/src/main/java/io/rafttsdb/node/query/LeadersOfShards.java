package io.rafttsdb.node.query;

import io.rafttsdb.node.cluster.LeaderCall;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ShardReplica;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Has a request carried out by the leader of each shard, all at the same time: here for those that
 * this node leads, and passed on for the others, with the shard named.
 */
final class LeadersOfShards {

  private final LeaderCall leader;

  LeadersOfShards(HttpClient client) {
    this.leader = new LeaderCall(client);
  }

  /** What the leader of a shard does. */
  @FunctionalInterface
  interface Work {
    void run(ShardReplica shard) throws ApiError, InterruptedException;
  }

  /**
   * Answers when all shards have it. Where one fails, the others' work is done or goes on all the
   * same; the answer is the first failure.
   *
   * @param shards this node's replicas of those that are meant, at least one
   * @param limit for what is passed on
   */
  HttpReply answer(HttpRequest request, List<ShardReplica> shards, Work work, Duration limit)
      throws ApiError, InterruptedException {
    List<FutureTask<HttpReply>> others = new ArrayList<>();
    for (ShardReplica shard : shards.subList(1, shards.size())) {
      FutureTask<HttpReply> task = new FutureTask<>(() -> answer(request, shard, work, limit));
      others.add(task);
      Thread.ofVirtual().name("admin-shard-" + shard.shard()).start(task);
    }
    try {
      HttpReply first = answer(request, shards.getFirst(), work, limit);
      for (FutureTask<HttpReply> task : others) {
        HttpReply next = task.get();
        first = first.status() / 100 == 2 ? next : first;
      }
      return first;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ApiError failure) {
        throw failure;
      }
      throw new IllegalStateException("a shard's work failed in an unknown way", e);
    } finally {
      others.forEach(task -> task.cancel(true));
    }
  }

  private HttpReply answer(HttpRequest request, ShardReplica shard, Work work, Duration limit)
      throws ApiError, InterruptedException {
    if (shard.isLeader()) {
      work.run(shard);
      return HttpReply.noContent();
    }
    Member to = shard.leader();
    if (to == null || !LeaderCall.mayPass(request)) {
      throw new ApiError(
          ApiError.Type.UNAVAILABLE,
          "no leader of shard " + shard.shard() + " is known; try again");
    }
    try {
      return leader.pass(request, shard.shard(), to.httpAddress(), limit);
    } catch (IOException e) {
      throw new ApiError(
          ApiError.Type.UNAVAILABLE,
          "the leader of shard "
              + shard.shard()
              + ", "
              + to.name()
              + ", did not answer: "
              + e
              + "; the same may be asked again");
    }
  }
}

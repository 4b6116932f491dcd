package io.rafttsdb.node.backup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.node.backup.NotDone.Kind;
import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.members.Pause;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the leader, wherever it is, for commands, and others for blocks, by {@link
 * CommandEndpoints}. Each of these commands may be asked for twice, so a request without an answer
 * is repeated while there is time.
 */
final class NodeCalls {

  /** Leadership moves in less. */
  private static final Duration COMMAND_LIMIT = Duration.ofSeconds(30);

  private static final Duration STAGE_LIMIT = Duration.ofMinutes(20);
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final int ANSWER_BYTES_MAX = 64 << 10;

  private final HttpClient client;

  NodeCalls(HttpClient client) {
    this.client = client;
  }

  void freeze(ShardReplica replica, Ulid name) throws NotDone, InterruptedException {
    command(
        replica, () -> replica.freeze(name), CommandEndpoints.FREEZE, Map.of("name", "" + name));
  }

  void restore(ShardReplica replica, long upToMs, long newestMs)
      throws NotDone, InterruptedException {
    command(
        replica,
        () -> replica.restore(upToMs, newestMs),
        CommandEndpoints.RESTORE,
        Map.of("up_to", "" + upToMs, "newest", "" + newestMs));
  }

  void enter(ShardReplica replica, BackupBlock block) throws NotDone, InterruptedException {
    command(
        replica,
        () -> replica.importBlock(block),
        CommandEndpoints.ENTER,
        BlockText.parameters(block));
  }

  private interface Proposal {
    CompletableFuture<CommandResult> propose();
  }

  private void command(
      ShardReplica replica, Proposal here, String path, Map<String, String> parameters)
      throws NotDone, InterruptedException {
    long deadline = System.nanoTime() + COMMAND_LIMIT.toNanos();
    while (true) {
      String failure;
      try {
        failure = tryOnce(replica, here, path, parameters, deadline);
      } catch (IOException | TimeoutException e) {
        failure = e.toString();
      }
      if (failure.isEmpty()) {
        return;
      }
      if (System.nanoTime() + PAUSE.toNanos() > deadline) {
        throw new NotDone(Kind.NOT_NOW, "the leader did not do it: " + failure);
      }
      Pause.of(PAUSE);
    }
  }

  /** Empty where it was done. */
  private String tryOnce(
      ShardReplica replica,
      Proposal here,
      String path,
      Map<String, String> parameters,
      long deadline)
      throws NotDone, IOException, InterruptedException, TimeoutException {
    long leftNanos = Math.max(1, deadline - System.nanoTime());
    if (replica.isLeader()) {
      try {
        CommandResult result = here.propose().get(leftNanos, TimeUnit.NANOSECONDS);
        if (result instanceof CommandResult.Refused(String reason)) {
          throw new NotDone(Kind.REFUSED, reason);
        }
        return "";
      } catch (ExecutionException e) {
        if (e.getCause() instanceof ReplicaFailure failure) {
          return failure.getMessage() + "";
        }
        throw new IllegalStateException("expected a failure of the replica", e);
      }
    }
    Member leader = replica.leader();
    if (leader == null) {
      return "no leader is known";
    }
    HttpResponse<String> answer =
        post(leader, path, replica.shard(), parameters, Duration.ofNanos(leftNanos));
    return switch (answer.statusCode()) {
      case 200 -> "";
      case CommandEndpoints.REFUSED -> throw new NotDone(Kind.REFUSED, answer.body().strip());
      default -> leader.name() + " says " + answer.body().strip();
    };
  }

  /**
   * Has a node get a block from this one.
   *
   * @throws IOException where it has not
   */
  void stage(Member node, int shard, BackupBlock block, Member from)
      throws IOException, InterruptedException {
    Map<String, String> parameters = new HashMap<>(BlockText.parameters(block));
    parameters.put("from", from.id());
    HttpResponse<String> answer =
        post(node, CommandEndpoints.STAGE, shard, parameters, STAGE_LIMIT);
    if (answer.statusCode() != 200) {
      throw new IOException(node.name() + " says " + answer.body().strip());
    }
  }

  private HttpResponse<String> post(
      Member node, String path, int shard, Map<String, String> parameters, Duration limit)
      throws IOException, InterruptedException {
    StringBuilder query = new StringBuilder("?" + ReplicaSlot.SHARD_PARAMETER + "=" + shard);
    new TreeMap<>(parameters)
        .forEach((name, value) ->
            query.append('&').append(name).append('=').append(URLEncoder.encode(value, UTF_8)));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + node.httpAddress() + path + query))
            .timeout(limit)
            .POST(BodyPublishers.noBody())
            .build();
    return client.send(
        request, BodyHandlers.limiting(BodyHandlers.ofString(UTF_8), ANSWER_BYTES_MAX));
  }
}

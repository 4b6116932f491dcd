package io.rafttsdb.node.backup;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.http.HttpHandler;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What nodes ask of each other for a backup or an import: of the leader that a command goes into
 * the log, of a voter that it gets a block. Answers 200, 409 where the command was refused, 503
 * where the same may be asked again.
 */
public final class CommandEndpoints {

  static final String FREEZE = "/api/v1/cluster/freeze";
  static final String RESTORE = "/api/v1/cluster/restore";
  static final String ENTER = "/api/v1/cluster/blocks/enter";
  static final String STAGE = "/api/v1/cluster/blocks/stage";

  static final int REFUSED = 409;
  private static final int BAD_REQUEST = 400;
  private static final int UNAVAILABLE = 503;
  private static final long ANSWER_LIMIT_S = 10;

  private final ReplicaSlot slot;
  private final boolean isOpen;

  /**
   * Endpoints of a node.
   *
   * @param isOpen whether those do anything that change data
   */
  public CommandEndpoints(ReplicaSlot slot, boolean isOpen) {
    this.slot = slot;
    this.isOpen = isOpen;
  }

  public void register(Router.Builder router) {
    router
        .add(
            "POST",
            FREEZE,
            command(
                (replica, request) -> replica.freeze(Ulid.parse(BlockText.text(request, "name")))))
        .add(
            "POST",
            RESTORE,
            opened(
                command((replica, request) ->
                    replica.restore(
                        BlockText.number(request, "up_to"), BlockText.number(request, "newest")))))
        .add(
            "POST",
            ENTER,
            opened(command((replica, request) -> replica.importBlock(BlockText.block(request)))))
        .add("POST", STAGE, opened(this::stage));
  }

  private HttpHandler opened(HttpHandler handler) {
    return request ->
        isOpen
            ? handler.handle(request)
            : HttpReply.text(
                REFUSED, "admin APIs disabled on this node: start it with --web.enable-admin-api");
  }

  @FunctionalInterface
  private interface Proposal {
    CompletableFuture<CommandResult> propose(ShardReplica replica, HttpRequest request);
  }

  private HttpHandler command(Proposal proposal) {
    return request -> {
      ShardReplica replica = slot.replica(request).orElse(null);
      if (replica == null) {
        return HttpReply.text(UNAVAILABLE, "this node is not ready");
      }
      try {
        CommandResult result =
            proposal.propose(replica, request).get(ANSWER_LIMIT_S, TimeUnit.SECONDS);
        return switch (result) {
          case CommandResult.Done done -> HttpReply.text(200, "done");
          case CommandResult.Refused(String reason) -> HttpReply.text(REFUSED, reason);
        };
      } catch (IllegalArgumentException e) {
        return HttpReply.text(BAD_REQUEST, String.valueOf(e.getMessage()));
      } catch (ExecutionException e) {
        if (e.getCause() instanceof ReplicaFailure failure) {
          return HttpReply.text(UNAVAILABLE, String.valueOf(failure.getMessage()));
        }
        throw new IllegalStateException("expected a failure of the replica", e);
      } catch (TimeoutException e) {
        return HttpReply.text(UNAVAILABLE, "not committed within " + ANSWER_LIMIT_S + " s");
      }
    };
  }

  private HttpReply stage(HttpRequest request) throws InterruptedException {
    ShardReplica replica = slot.replica(request).orElse(null);
    if (replica == null) {
      return HttpReply.text(UNAVAILABLE, "this node is not ready");
    }
    try {
      BackupBlock block = BlockText.block(request);
      String from = BlockText.text(request, "from");
      Member source =
          replica.membership().present().all().stream()
              .filter(member -> member.id().equals(from))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException(from + " is no member"));
      replica.imports().stage(block.ulid(), block.facts(), source);
      return HttpReply.text(200, "staged");
    } catch (IllegalArgumentException e) {
      return HttpReply.text(BAD_REQUEST, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return HttpReply.text(UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }
}

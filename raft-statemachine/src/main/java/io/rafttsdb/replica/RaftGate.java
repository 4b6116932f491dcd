package io.rafttsdb.replica;

import io.rafttsdb.replica.ReplicaFailure.NotLeader;
import io.rafttsdb.replica.ReplicaFailure.Outcome;
import io.rafttsdb.replica.ReplicaFailure.Overloaded;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the Ratis server of this process, straight to the division: no client, no pool in
 * between. Answers are this package's failures.
 */
final class RaftGate implements EntryJoiner.Log {
  private static final long SNAPSHOT_REQUEST_TIMEOUT_MS = 10_000;

  private final RaftServer server;
  private final RaftGroupId groupId;
  private final RaftServer.Division division;
  private final RaftClientAsynchronousProtocol protocol;
  private final LeadershipProof proof;
  private final ClientId clientId = ClientId.randomId();
  private final AtomicLong callIds = new AtomicLong();

  /** The server must be started. */
  RaftGate(RaftServer server, RaftGroupId groupId) throws IOException {
    this.server = server;
    this.groupId = groupId;
    this.division = server.getDivision(groupId);
    this.protocol = (RaftClientAsynchronousProtocol) division; // Ratis's division implements it
    this.proof = ProvingRpc.Proofs.of(server).of(groupId);
  }

  RaftServer.Division division() {
    return division;
  }

  @Override
  public void submit(RaftEntry entry, EntryJoiner.Answer answer) {
    RaftClientRequest request =
        request(RaftClientRequest.writeRequestType()).setMessage(entry).build();
    var _ =
        send(request)
            .whenComplete((reply, error) ->
                answer.accept(
                    failureOf(
                        reply, error, entry.appended() ? Outcome.UNKNOWN : Outcome.NOT_STORED)));
  }

  /**
   * Completes when this node has applied everything that was committed when it was called; fails
   * with Unavailable.
   */
  CompletableFuture<Void> barrier() {
    if (isAlone()) {
      // Ratis lets the only member of a group read before it has applied its own log.
      return division.getInfo().isLeaderReady()
          ? readIndexApplied()
          : CompletableFuture.failedFuture(
              new Unavailable("the leader is not ready yet", Outcome.NOT_STORED));
    }
    // A follower asks its leader, and that one proves it; see ReadIndexGuard.
    return division.getInfo().isLeader()
        ? proof.prove().thenCompose(proven -> readIndexApplied())
        : readIndexApplied();
  }

  private CompletableFuture<Void> readIndexApplied() {
    return send(request(RaftClientRequest.readRequestType(false, false, true)).build())
        .orTimeout(2 * RatisProperties.READ_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .handle((reply, error) -> failureOf(reply, error, Outcome.NOT_STORED))
        .thenCompose(failure ->
            switch (failure) {
              case null -> CompletableFuture.completedFuture(null);
              case Unavailable unavailable -> CompletableFuture.failedFuture(unavailable);
              default ->
                  CompletableFuture.failedFuture(
                      new Unavailable(message(failure), Outcome.NOT_STORED));
            });
  }

  /** The members of the group without this node, as its present configuration has them. */
  List<Member> otherMembers(Member self) {
    return division.getRaftConf().getCurrentPeers().stream()
        .map(Member::of)
        .filter(member -> !member.id().equals(self.id()))
        .toList();
  }

  /** The same, and who only follows. */
  List<Member> otherMembersAndListeners(Member self) {
    return Stream.of(RaftPeerRole.FOLLOWER, RaftPeerRole.LISTENER)
        .flatMap(role -> division.getRaftConf().getCurrentPeers(role).stream())
        .map(Member::of)
        .filter(member -> !member.id().equals(self.id()))
        .toList();
  }

  /** Index of the last entry that is in the log, committed or not; negative without any. */
  long lastLogIndex() {
    TermIndex last = division.getRaftLog().getLastEntryTermIndex();
    return last == null ? RaftLog.INVALID_LOG_INDEX : last.getIndex();
  }

  /** Index of the first entry that is still in the log, or that would be its first. */
  long firstLogIndex() {
    return division.getRaftLog().getStartIndex();
  }

  /** Whether the log has exactly this entry, on disk. */
  boolean hasForced(TermIndex entry) {
    RaftLog log = division.getRaftLog();
    return log.getFlushIndex() >= entry.getIndex()
        && entry.equals(log.getTermIndex(entry.getIndex()));
  }

  /** Whether this node is the only voter; listeners may follow it. */
  boolean isAlone() {
    RaftConfiguration present = division.getRaftConf();
    return present.getCurrentPeers().size() == 1 && present.getPeer(server.getId()) != null;
  }

  /** Makes Ratis call takeSnapshot soon, unless nothing was applied since the last snapshot. */
  CompletableFuture<RaftClientReply> requestSnapshot() {
    return server.snapshotManagementAsync(
        SnapshotManagementRequest.newCreate(
            clientId,
            server.getId(),
            groupId,
            callIds.incrementAndGet(),
            SNAPSHOT_REQUEST_TIMEOUT_MS,
            1));
  }

  private RaftClientRequest.Builder request(RaftClientRequest.Type type) {
    return RaftClientRequest.newBuilder()
        .setClientId(clientId)
        .setServerId(server.getId())
        .setGroupId(groupId)
        .setCallId(callIds.incrementAndGet())
        .setType(type);
  }

  private CompletableFuture<RaftClientReply> send(RaftClientRequest request) {
    try {
      return protocol.submitClientRequestAsync(request);
    } catch (IOException | RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static @Nullable ReplicaFailure failureOf(
      @Nullable RaftClientReply reply, @Nullable Throwable error, Outcome outcome) {
    Throwable cause = error;
    if (cause == null && reply != null) {
      if (reply.isSuccess()) {
        return null;
      }
      cause = reply.getException();
    }
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (outcome == Outcome.NOT_STORED && cause instanceof NotLeaderException notLeader) {
      RaftPeer leader = notLeader.getSuggestedLeader();
      return new NotLeader(leader == null ? null : Member.of(leader));
    }
    if (outcome == Outcome.NOT_STORED && cause instanceof ResourceUnavailableException) {
      return new Overloaded("too many entries wait for the log");
    }
    String reason =
        outcome == Outcome.UNKNOWN
            ? "no majority confirmed the entry while this node was the leader"
            : cause == null ? "no answer" : message(cause);
    return new Unavailable(reason, outcome, cause);
  }

  private static String message(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}

package io.rafttsdb.replica;

import io.rafttsdb.replica.ReplicaFailure.NotLeader;
import io.rafttsdb.replica.ReplicaFailure.Outcome;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SetConfigurationRequest.Arguments;
import org.apache.ratis.protocol.SetConfigurationRequest.Mode;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who belongs to a replica's group, and how that is changed: by an entry of the log, on the leader.
 * For any thread; the changing methods block.
 */
public final class MembershipGate {
  private static final Logger LOG = LoggerFactory.getLogger(MembershipGate.class);
  private static final Duration PATIENCE_PERIOD = Duration.ofMillis(500);
  private static final Duration STEP_DOWN_LIMIT = Duration.ofSeconds(5);

  private final RaftServer server;
  private final RaftGroupId groupId;
  private final RaftServer.Division division;
  private final LeadershipProof proof;
  private final ClientId clientId = ClientId.randomId();
  private final AtomicLong callIds = new AtomicLong();

  MembershipGate(RaftServer server, RaftGroupId groupId, RaftServer.Division division) {
    this.server = server;
    this.groupId = groupId;
    this.division = division;
    this.proof = ProvingRpc.Proofs.of(server).of(groupId);
  }

  /** As the newest entry in this node's log says, committed or not. */
  public Membership present() {
    RaftConfiguration present = division.getRaftConf();
    Collection<RaftPeer> voters = present.getAllPeers(RaftPeerRole.FOLLOWER);
    // While a listener becomes a voter it is on both lists.
    Map<String, Member> listeners = new LinkedHashMap<>();
    members(present.getAllPeers(RaftPeerRole.LISTENER)).forEach(l -> listeners.put(l.id(), l));
    voters.forEach(voter -> listeners.remove(voter.getId().toString()));
    return new Membership(
        Math.max(present.getLogEntryIndex(), Membership.NO_ENTRY),
        present.getPreviousPeers().isEmpty(),
        members(voters),
        List.copyOf(listeners.values()));
  }

  private static List<Member> members(Collection<RaftPeer> peers) {
    return peers.stream().map(Member::of).sorted(Member.BY_NAME).toList();
  }

  /** What the leader knows of the others, by {@link Member#id}; empty on any other node. */
  public Map<String, MemberContact> contacts() {
    RoleInfoProto role = division.getInfo().getRoleInfoProto();
    if (!role.hasLeaderInfo()) {
      return Map.of();
    }
    Map<String, Long> commits = new HashMap<>();
    for (CommitInfoProto info : division.getCommitInfos()) {
      commits.put(info.getServer().getId().toStringUtf8(), info.getCommitIndex());
    }
    Map<String, MemberContact> contacts = new HashMap<>();
    for (ServerRpcProto follower : role.getLeaderInfo().getFollowerInfoList()) {
      String id = follower.getId().getId().toStringUtf8();
      contacts.put(
          id, new MemberContact(commits.getOrDefault(id, -1L), follower.getLastRpcElapsedTimeMs()));
    }
    return contacts;
  }

  /** Whether this node leads, ready or not. */
  boolean isLeader() {
    return division.getInfo().isLeader();
  }

  /** Whether this node leads and has applied what earlier leaders left. */
  boolean leads() {
    return division.getInfo().isLeaderReady();
  }

  /** For how long this node has not heard of a leader; 0 while it leads. */
  public long leaderSilenceMs() {
    RoleInfoProto role = division.getInfo().getRoleInfoProto();
    if (role.hasFollowerInfo()) {
      return role.getFollowerInfo().getLeaderInfo().getLastRpcElapsedTimeMs();
    }
    return role.hasCandidateInfo() ? role.getCandidateInfo().getLastLeaderElapsedTimeMs() : 0;
  }

  /** Asked again and again while a change waits for a new member. */
  @FunctionalInterface
  public interface Patience {
    /** Whether to wait on. */
    boolean lasts() throws InterruptedException;
  }

  /**
   * Changes the membership in one step, in which both the old and the new voters need a majority.
   * New members first receive the log, as listeners that are not counted; a new voter should have
   * been a listener before.
   *
   * <p>Where a new member goes silent meanwhile, Ratis waits for it for ever under load, and takes
   * no other change. So whoever gives up has the leader step down, which is all that ends it.
   *
   * @param from what the caller decided by; where it is no more so, nothing is changed
   * @throws NotLeader where this node does not lead
   * @throws Unavailable where it was not done, or given up; {@link #present} tells whether it was
   *     done after all
   */
  public void change(
      Membership from, List<Member> voters, List<Member> listeners, Patience patience)
      throws NotLeader, Unavailable, InterruptedException {
    Arguments arguments =
        Arguments.newBuilder()
            .setMode(Mode.COMPARE_AND_SET)
            .setServersInCurrentConf(peers(from.voters()))
            .setListenersInCurrentConf(peers(from.listeners()))
            .setServersInNewConf(peers(voters))
            .setListenersInNewConf(peers(listeners))
            .build();
    SetConfigurationRequest request =
        new SetConfigurationRequest(
            clientId, server.getId(), groupId, callIds.incrementAndGet(), arguments);
    try {
      await(() -> server.setConfigurationAsync(request), patience, "the change of the members");
    } catch (GivenUp e) {
      stepDown();
      throw new Unavailable(String.valueOf(e.getMessage()), Outcome.UNKNOWN, e);
    } catch (InterruptedException e) {
      stepDown();
      throw e;
    }
  }

  private void stepDown() {
    proof.giveUpLease();
    try {
      var _ =
          server.transferLeadershipAsync(
              new TransferLeadershipRequest(
                  clientId,
                  server.getId(),
                  groupId,
                  callIds.incrementAndGet(),
                  null,
                  STEP_DOWN_LIMIT.toMillis()));
    } catch (IOException e) {
      LOG.warn("leadership was not given up", e);
    }
  }

  private static List<RaftPeer> peers(List<Member> members) {
    return new ArrayList<>(members.stream().map(Member::peer).toList());
  }

  /**
   * Hands leadership to a voter whose log is up to date. Writes are refused for that moment.
   *
   * @throws NotLeader where this node does not lead
   * @throws Unavailable where the other one did not become leader in time
   */
  public void transfer(Member to, Duration limit)
      throws NotLeader, Unavailable, InterruptedException {
    TransferLeadershipRequest request =
        new TransferLeadershipRequest(
            clientId,
            server.getId(),
            groupId,
            callIds.incrementAndGet(),
            to.peerId(),
            limit.toMillis());
    long deadline = System.nanoTime() + limit.multipliedBy(2).toNanos();
    proof.giveUpLease();
    try {
      await(
          () -> server.transferLeadershipAsync(request),
          () -> System.nanoTime() < deadline,
          "handing leadership to " + to.name());
    } catch (GivenUp e) {
      throw new Unavailable(String.valueOf(e.getMessage()), Outcome.UNKNOWN, e);
    }
  }

  private interface Call {
    CompletableFuture<RaftClientReply> send() throws IOException;
  }

  /** Nobody waits any longer. */
  private static final class GivenUp extends Exception {
    private static final long serialVersionUID = 1;

    GivenUp(String what) {
      super(what + " was given up, nobody answered for too long");
    }
  }

  private static void await(Call call, Patience patience, String what)
      throws NotLeader, Unavailable, GivenUp, InterruptedException {
    Throwable failure;
    try {
      RaftClientReply reply = answer(call.send(), patience, what);
      if (reply.isSuccess()) {
        return;
      }
      failure = reply.getException();
    } catch (ExecutionException e) {
      failure = e.getCause();
    } catch (IOException e) {
      failure = e;
    }
    while (failure instanceof CompletionException && failure.getCause() != null) {
      failure = failure.getCause();
    }
    if (failure instanceof NotLeaderException notLeader) {
      RaftPeer leader = notLeader.getSuggestedLeader();
      throw new NotLeader(leader == null ? null : Member.of(leader));
    }
    String reason = failure instanceof IOException ? failure.getMessage() : failure + "";
    throw new Unavailable(what + " was not done: " + reason, Outcome.UNKNOWN, failure);
  }

  private static RaftClientReply answer(
      CompletableFuture<RaftClientReply> answer, Patience patience, String what)
      throws ExecutionException, GivenUp, InterruptedException {
    while (true) {
      try {
        return answer.get(PATIENCE_PERIOD.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (!patience.lasts()) {
          throw new GivenUp(what);
        }
      }
    }
  }
}

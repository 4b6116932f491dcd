package io.rafttsdb.replica;

import io.rafttsdb.replica.ReplicaFailure.Outcome;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.jspecify.annotations.Nullable;

/**
 * Proves that this node leads a group: a majority has answered what was sent to it after the proof
 * was asked for. Ratis 3.3 takes a majority's word for a commit index once and for all, so that a
 * leader that was cut off would go on reading what it had confirmed before.
 *
 * <p>Callers that come together share a round. On any thread.
 */
final class LeadershipProof {
  private final long leaseNanos;
  private final ReadBarrier rounds = new ReadBarrier(this::begin);

  /** Those of the present leader; empty on a node that does not lead, or leads alone. */
  private final Set<LogAppender> appenders = new HashSet<>(); // guarded by this

  private @Nullable LeaderState leader; // guarded by this
  private @Nullable Lease lease; // guarded by this
  private boolean mayHaveLease; // guarded by this
  private volatile @Nullable Round round;

  /**
   * What a round has shown, for a while.
   *
   * @param sinceNanos when the round began
   */
  private record Lease(long sinceNanos) {}

  /** Answers to what was sent after the round had begun. */
  private static final class Round {
    final long beganNanos = System.nanoTime();
    final RaftServer.Division division;
    final Map<LogAppender, Long> firstCallIds = new HashMap<>();
    final Set<RaftPeerId> answered = new HashSet<>();
    final CompletableFuture<Void> done = new CompletableFuture<>();

    Round(Collection<LogAppender> appenders) {
      this.division = appenders.iterator().next().getServer();
      for (LogAppender appender : appenders) {
        firstCallIds.put(appender, appender.getCallId());
      }
    }

    boolean hasMajority() {
      RaftConfiguration present = division.getRaftConf();
      Collection<RaftPeer> previous = present.getPreviousPeers();
      return isMajority(present.getCurrentPeers()) && (previous.isEmpty() || isMajority(previous));
    }

    private boolean isMajority(Collection<RaftPeer> voters) {
      long yes =
          voters.stream()
              .map(RaftPeer::getId)
              .filter(id -> answered.contains(id) || id.equals(division.getId()))
              .count();
      return yes > voters.size() / 2;
    }
  }

  /**
   * @param lease for how long after its begin a round serves later callers; zero: none
   */
  LeadershipProof(Duration lease) {
    this.leaseNanos = lease.toNanos();
  }

  /**
   * Completes once it is proven that this node has led since this call, or by the lease; fails with
   * Unavailable.
   */
  CompletableFuture<Void> prove() {
    return isWithinLease() ? CompletableFuture.completedFuture(null) : rounds.join();
  }

  private synchronized boolean isWithinLease() {
    Lease present = lease;
    return present != null
        && mayHaveLease
        && System.nanoTime() - present.sinceNanos < leaseNanos
        && appenders.stream().findAny().map(any -> leadsByPriority(any.getServer())).orElse(false);
  }

  /** Whether Ratis does not hand leadership over by itself. */
  private static boolean leadsByPriority(RaftServer.Division division) {
    RaftConfiguration present = division.getRaftConf();
    RaftPeer self = present.getPeer(division.getId());
    return self != null
        && present.getCurrentPeers().stream()
            .allMatch(voter -> voter.getPriority() <= self.getPriority());
  }

  /** Called before leadership is handed over: whoever gets it waits for no silence. */
  synchronized void giveUpLease() {
    mayHaveLease = false;
  }

  private CompletableFuture<Void> begin() {
    Round begun;
    List<LogAppender> asked;
    synchronized (this) {
      if (appenders.isEmpty()) {
        return CompletableFuture.failedFuture(notLeading());
      }
      asked = List.copyOf(appenders);
      begun = new Round(asked);
      round = begun;
    }
    asked.forEach(LogAppender::triggerHeartbeat);
    endIfProven(begun);
    return begun
        .done
        .orTimeout(RatisProperties.READ_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyCompose(error ->
            CompletableFuture.failedFuture(
                error instanceof Unavailable
                    ? error
                    : new Unavailable(
                        "no majority answers this node as its leader", Outcome.NOT_STORED)));
  }

  private void endIfProven(Round present) {
    synchronized (this) {
      if (round != present || !present.hasMajority()) {
        return;
      }
      round = null;
      lease = new Lease(present.beganNanos);
    }
    present.done.complete(null);
  }

  /** A follower has answered what the present leader sent. */
  void answered(LogAppender appender, AppendEntriesReplyProto reply) {
    Round present = round;
    if (present == null || !reply.getServerReply().getSuccess()) {
      return;
    }
    boolean isLater;
    synchronized (this) {
      Long first = present.firstCallIds.get(appender);
      if (first == null || present.answered.contains(appender.getFollowerId())) {
        return;
      }
      isLater =
          appender.getCallIdComparator().compare(reply.getServerReply().getCallId(), first) >= 0;
      if (isLater) {
        present.answered.add(appender.getFollowerId());
      }
    }
    if (isLater) {
      endIfProven(present);
    } else {
      appender.triggerHeartbeat(); // Ratis may have taken the earlier trigger for what it had begun
    }
  }

  /** A leader begins to send to a follower; another leader than before is one of a later term. */
  void joined(LeaderState of, LogAppender appender) {
    Round lost = null;
    synchronized (this) {
      if (!of.equals(leader)) {
        leader = of;
        appenders.clear();
        lease = null;
        mayHaveLease = leaseNanos > 0;
        lost = round;
        round = null;
      }
      appenders.add(appender);
    }
    fail(lost);
  }

  /** It sends no more; after the last one this node leads nobody. */
  void left(LogAppender appender) {
    Round lost = null;
    synchronized (this) {
      if (appenders.remove(appender) && appenders.isEmpty()) {
        lost = round;
        round = null;
        lease = null;
      }
    }
    fail(lost);
  }

  private static void fail(@Nullable Round lost) {
    if (lost != null) {
      lost.done.completeExceptionally(notLeading());
    }
  }

  private static Unavailable notLeading() {
    return new Unavailable("this node leads no more", Outcome.NOT_STORED);
  }
}

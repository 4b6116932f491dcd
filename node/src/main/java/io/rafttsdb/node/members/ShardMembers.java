package io.rafttsdb.node.members;

import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.Membership;
import io.rafttsdb.replica.MembershipGate;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.replica.ShardReplica;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the members of the other shards those of the first one, their home: on the leader of each,
 * step by step, on a thread of its own. It looks at the home's members behind a barrier of that
 * shard, so that a node which has not heard of the newest brings no older ones back; a change of
 * leader at any point is taken up by the next one's rounds.
 */
public final class ShardMembers implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ShardMembers.class);
  private static final Duration PERIOD = Duration.ofMillis(500);
  private static final Duration BARRIER_LIMIT = Duration.ofSeconds(2);
  private static final Duration CHANGE_LIMIT = Duration.ofSeconds(20);
  private static final Duration SILENCE_MAX = Duration.ofSeconds(2);
  private static final Duration HAND_OVER_LIMIT = Duration.ofSeconds(4);

  private final ReplicaSlot slot;
  private final NodeProbe probe;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("shard-members").daemon().factory());

  /** A duty that has not begun. */
  public ShardMembers(ReplicaSlot slot, HttpClient client) {
    this.slot = slot;
    this.probe = new NodeProbe(client);
  }

  /** Begins; to be called once. */
  public void start() {
    var _ = thread.scheduleWithFixedDelay(this::round, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Whether all shards have the members of the first one, as this node knows them, and none is
   * being changed.
   */
  static boolean areSettled(List<ShardReplica> shards) {
    return lagging(shards).isEmpty();
  }

  /** The first shard of which that is not so. */
  static Optional<ShardReplica> lagging(List<ShardReplica> shards) {
    Membership home = shards.getFirst().membership().present();
    return shards.stream()
        .filter(shard -> {
          Membership present = shard.membership().present();
          return !present.settled() || !ShardStep.isSame(home, present);
        })
        .findFirst();
  }

  /** An exception that came out would end the rounds for good. */
  private void round() {
    try {
      List<ShardReplica> shards = slot.shards();
      List<ShardReplica> led = shards.stream().skip(1).filter(ShardReplica::isReadyLeader).toList();
      if (!led.isEmpty()) {
        look(shards.getFirst(), led);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("looking after the members of the shards failed", e);
    }
  }

  private void look(ShardReplica home, List<ShardReplica> led) throws InterruptedException {
    boolean isGone = isGone(home);
    for (ShardReplica shard : led) {
      if (isGone) {
        handOver(shard, shard.membership().present().voters());
      } else if (!isLike(home, shard)) {
        follow(home, shard);
      }
    }
  }

  /**
   * Whether the home shard has this node no more: it hears nothing there of its own removal, so
   * nothing to follow. Others know.
   */
  private boolean isGone(ShardReplica home) throws InterruptedException {
    if (!home.isDismissed() && home.membership().leaderSilenceMs() < SILENCE_MAX.toMillis()) {
      return false;
    }
    Membership own = home.membership().present();
    for (Member member : own.all()) {
      if (!member.id().equals(home.self().id())) {
        Optional<MembersReport> report = probe.members(member.httpAddress());
        if (report.isPresent()
            && report.get().leavesOut(home.self().id(), home.clusterId(), own.index())) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isLike(ShardReplica home, ShardReplica shard) {
    return ShardStep.isSame(home.membership().present(), shard.membership().present());
  }

  private void follow(ShardReplica home, ShardReplica shard) throws InterruptedException {
    try {
      long _ = home.awaitReadable(BARRIER_LIMIT);
      Membership wanted = home.membership().present();
      Membership now = shard.membership().present();
      boolean isCommitted = wanted.settled() && wanted.index() <= home.status().commitIndex();
      if (!isCommitted || !now.settled()) {
        return;
      }
      long committed = shard.status().commitIndex();
      Optional<ShardStep> step =
          ShardStep.next(
              wanted,
              now,
              member -> answers(member, shard),
              member -> hasApplied(member, shard, committed));
      if (step.isPresent()) {
        take(step.get(), home, shard, now);
      }
    } catch (Unavailable e) {
      log.info("shard {} has not followed the members yet: {}", shard.shard(), e.getMessage());
    } catch (ReplicaFailure e) {
      log.info("shard {} is led by another node now: {}", shard.shard(), e.getMessage());
    }
  }

  /**
   * Tried once, and only where the members are those by which the step was found: another leader
   * may have gone on meanwhile, to newer members of the first shard than this node has seen. The
   * next round looks anew.
   */
  private void take(ShardStep step, ShardReplica home, ShardReplica shard, Membership now)
      throws ReplicaFailure.NotLeader, Unavailable, InterruptedException {
    if (step.voters().stream().noneMatch(voter -> voter.id().equals(shard.self().id()))) {
      handOver(shard, step.voters());
      return;
    }
    shard
        .membership()
        .change(now, step.voters(), step.listeners(), patience(step.newcomers(now), home, shard));
    log.info("shard {}: voters {}, listeners {}", shard.shard(), step.voters(), step.listeners());
  }

  /** This node is the one to go. */
  private void handOver(ShardReplica shard, List<Member> voters) throws InterruptedException {
    List<Member> others =
        voters.stream().filter(voter -> !voter.id().equals(shard.self().id())).toList();
    try {
      Optional<Member> leader =
          new LeaderChoice(shard, shard.self(), probe).handOver(others, HAND_OVER_LIMIT);
      log.info(
          "shard {}: {}",
          shard.shard(),
          leader.map(m -> m.name() + " leads now").orElse("nobody was ready to lead"));
    } catch (ReplicaFailure e) {
      log.info("shard {} was not handed over: {}", shard.shard(), e.getMessage());
    }
  }

  /** Whoever is new receives what there is before the change ends, however long that takes. */
  private MembershipGate.Patience patience(
      List<Member> newcomers, ShardReplica home, ShardReplica shard) {
    if (newcomers.isEmpty()) {
      long deadline = System.nanoTime() + CHANGE_LIMIT.toNanos();
      return () -> System.nanoTime() < deadline;
    }
    return new NewcomerPatience(
        newcomers, home.membership()::present, each -> answers(each, shard), System::nanoTime);
  }

  private boolean answers(Member member, ShardReplica shard) {
    return state(member, shard).isPresent();
  }

  private boolean hasApplied(Member member, ShardReplica shard, long committed) {
    return state(member, shard).filter(state -> state.appliedIndex() >= committed).isPresent();
  }

  /** Empty too where what answers has another incarnation. */
  private Optional<NodeProbe.State> state(Member member, ShardReplica shard) {
    try {
      return probe
          .state(member.httpAddress(), shard.shard())
          .filter(state -> state.incarnation().equals(member.incarnation()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Ends the rounds. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}

package io.rafttsdb.node.members;

import io.rafttsdb.node.clock.ClockGauge;
import io.rafttsdb.node.clock.ClockVerdict;
import io.rafttsdb.node.cluster.Bootstrap;
import io.rafttsdb.node.cluster.Identity;
import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardReplica;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the other voters once a second how they stand, looks by their answers after this node's disk
 * and clock, and hands leadership over where either says that this node should not lead.
 */
public final class PeerRounds implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PeerRounds.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration HAND_OVER_LIMIT = Duration.ofSeconds(4);
  private static final Duration HAND_OVER_PAUSE = Duration.ofSeconds(10);

  private final Bootstrap bootstrap;
  private final ReplicaSlot slot;
  private final NodeProbe probe;
  private final DiskDuty disk;
  private final ClockGauge clock;
  private final ClockComparison comparison;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("peers").daemon().factory());

  // owned by the thread
  private long handedOverNanos = System.nanoTime() - HAND_OVER_PAUSE.toNanos();

  /** Rounds that have not begun. */
  public PeerRounds(
      Bootstrap bootstrap, ReplicaSlot slot, HttpClient client, DiskDuty disk, ClockGauge clock) {
    this.bootstrap = bootstrap;
    this.slot = slot;
    this.probe = new NodeProbe(client);
    this.disk = disk;
    this.clock = clock;
    this.comparison = new ClockComparison(clock);
  }

  /** Begins; to be called once. */
  public void start() {
    var _ = thread.scheduleWithFixedDelay(this::round, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** An exception that came out would end the rounds for good. */
  private void round() {
    try {
      ShardReplica replica = slot.replica().orElse(null);
      disk.measure(slot.shards().stream().mapToLong(each -> each.storage().stats().bytes()).sum());
      if (replica != null && bootstrap.identity() instanceof Identity.Joined joined) {
        act(replica, joined.name());
      } else {
        disk.idle();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("looking after disk and clock failed", e);
    }
  }

  private void act(ShardReplica replica, String self) throws InterruptedException {
    List<Member> voters = replica.membership().present().voters();
    List<Member> others = voters.stream().filter(voter -> !voter.name().equals(self)).toList();
    PeerAnswers answers = PeerAnswers.ask(probe, others);
    Set<String> rightClocks = comparison.judge(voters, self, answers);
    if (!replica.isLeader()) {
      disk.follow();
      return;
    }
    Set<String> withRoom = Set.copyOf(disk.lead(voters, self, answers));
    boolean isClockOff = clock.verdict().kind() == ClockVerdict.Kind.UNFIT;
    if (withRoom.isEmpty() && !isClockOff) {
      return;
    }
    Set<String> wanted = isClockOff ? rightClocks : withRoom;
    Set<String> alsoWanted = isClockOff ? withRoom : rightClocks;
    List<Member> candidates = others.stream().filter(o -> wanted.contains(o.name())).toList();
    List<Member> best = candidates.stream().filter(o -> alsoWanted.contains(o.name())).toList();
    handOver(
        isClockOff ? "the clock is off" : "low disk",
        replica,
        voters.stream().filter(voter -> voter.name().equals(self)).findFirst(),
        best.isEmpty() ? candidates : best);
  }

  private void handOver(
      String why, ShardReplica replica, Optional<Member> self, List<Member> candidates)
      throws InterruptedException {
    if (candidates.isEmpty()
        || self.isEmpty()
        || System.nanoTime() - handedOverNanos < HAND_OVER_PAUSE.toNanos()) {
      return;
    }
    handedOverNanos = System.nanoTime();
    try {
      Optional<Member> leader =
          new LeaderChoice(replica, self.get(), probe).handOver(candidates, HAND_OVER_LIMIT);
      log.warn("{}: {}", why, leader.map(m -> m.name() + " leads now").orElse("nobody took over"));
    } catch (ReplicaFailure e) {
      log.warn("{}, and leadership could not be handed over: {}", why, e.getMessage());
    }
  }

  /** Ends the rounds. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}

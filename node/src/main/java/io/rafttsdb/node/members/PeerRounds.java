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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the other voters once a second how they stand, looks by their answers after this node's disk
 * and clock, and hands leadership over where either says that this node should not lead, or others
 * should.
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
  private final SpreadDuty spread;
  private final int priority;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("peers").daemon().factory());

  // owned by the thread
  private long handedOverNanos = System.nanoTime() - HAND_OVER_PAUSE.toNanos();

  /**
   * Rounds that have not begun.
   *
   * @param priority of this node, to lead
   */
  public PeerRounds(
      Bootstrap bootstrap,
      ReplicaSlot slot,
      HttpClient client,
      DiskDuty disk,
      ClockGauge clock,
      int priority) {
    this.bootstrap = bootstrap;
    this.slot = slot;
    this.probe = new NodeProbe(client);
    this.disk = disk;
    this.clock = clock;
    this.comparison = new ClockComparison(clock);
    this.spread = new SpreadDuty(probe);
    this.priority = priority;
  }

  /** Begins; to be called once. */
  public void start() {
    var _ = thread.scheduleWithFixedDelay(this::round, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** An exception that came out would end the rounds for good. */
  private void round() {
    try {
      List<ShardReplica> shards = slot.shards();
      disk.measure(shards.stream().mapToLong(each -> each.storage().stats().bytes()).sum());
      if (!shards.isEmpty() && bootstrap.identity() instanceof Identity.Joined joined) {
        act(shards, joined.name());
      } else {
        disk.idle();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("looking after disk and clock failed", e);
    }
  }

  private void act(List<ShardReplica> shards, String self) throws InterruptedException {
    List<Member> voters = shards.getFirst().membership().present().voters();
    List<Member> others = voters.stream().filter(voter -> !voter.name().equals(self)).toList();
    PeerAnswers answers = PeerAnswers.ask(probe, others);
    Set<String> rightClocks = comparison.judge(voters, self, answers);
    List<ShardReplica> led = shards.stream().filter(ShardReplica::isLeader).toList();
    if (led.isEmpty()) {
      disk.follow();
      return;
    }
    Set<String> withRoom = Set.copyOf(disk.lead(voters, self, answers));
    boolean isClockOff = clock.verdict().kind() == ClockVerdict.Kind.UNFIT;
    if (withRoom.isEmpty() && !isClockOff) {
      spread(shards, answers, rightClocks);
      return;
    }
    Set<String> wanted = isClockOff ? rightClocks : withRoom;
    Set<String> alsoWanted = isClockOff ? withRoom : rightClocks;
    List<Member> candidates = others.stream().filter(o -> wanted.contains(o.name())).toList();
    List<Member> best = candidates.stream().filter(o -> alsoWanted.contains(o.name())).toList();
    handOver(isClockOff ? "the clock is off" : "low disk", led, best.isEmpty() ? candidates : best);
  }

  private void spread(List<ShardReplica> shards, PeerAnswers answers, Set<String> rightClocks)
      throws InterruptedException {
    Map<String, Integer> fit = new HashMap<>();
    answers
        .states()
        .forEach((name, state) -> {
          if (state.hasRoom() && rightClocks.contains(name)) {
            fit.put(name, state.priority());
          }
        });
    spread.round(shards, shards.getFirst().self(), priority, fit);
  }

  private void handOver(String why, List<ShardReplica> led, List<Member> candidates)
      throws InterruptedException {
    if (candidates.isEmpty() || System.nanoTime() - handedOverNanos < HAND_OVER_PAUSE.toNanos()) {
      return;
    }
    handedOverNanos = System.nanoTime();
    for (ShardReplica shard : led) {
      try {
        Optional<Member> leader =
            new LeaderChoice(shard, shard.self(), probe).handOver(candidates, HAND_OVER_LIMIT);
        log.warn(
            "{}: shard {}: {}",
            why,
            shard.shard(),
            leader.map(m -> m.name() + " leads now").orElse("nobody took over"));
      } catch (ReplicaFailure e) {
        log.warn(
            "{}, and leadership of shard {} could not be handed over: {}",
            why,
            shard.shard(),
            e.getMessage());
      }
    }
  }

  /** Ends the rounds. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}

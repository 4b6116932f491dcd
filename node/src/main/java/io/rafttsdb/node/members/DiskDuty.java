package io.rafttsdb.node.members;

import io.rafttsdb.node.cluster.Bootstrap;
import io.rafttsdb.node.cluster.Identity;
import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.disk.DiskGauge;
import io.rafttsdb.node.disk.DiskPlan;
import io.rafttsdb.node.disk.DiskState;
import io.rafttsdb.node.disk.FreeSpace;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardReplica;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at this node's disk each second, and where it leads at what the other voters say of theirs,
 * and does what {@link DiskPlan} says.
 */
public final class DiskDuty implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(DiskDuty.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration HAND_OVER_LIMIT = Duration.ofSeconds(4);
  private static final Duration HAND_OVER_PAUSE = Duration.ofSeconds(10);

  /** A voter that does not answer has room for so long as it last said. */
  private static final Duration WORD_HOLDS = Duration.ofSeconds(10);

  /**
   * What a reserve is made of beside the Head.
   *
   * @param segmentBytes size of a segment of the log
   * @param marginBytes for whatever else writes to the disk
   */
  public record Reserve(long segmentBytes, long marginBytes) {}

  private final Bootstrap bootstrap;
  private final ReplicaSlot slot;
  private final NodeProbe probe;
  private final FreeSpace freeSpace;
  private final Reserve reserve;
  private final DiskGauge gauge;
  private final Consumer<String> stop;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("disk").daemon().factory());

  // owned by the thread
  private final Map<String, Long> roomSeenNanos = new HashMap<>();
  private long handedOverNanos = System.nanoTime() - HAND_OVER_PAUSE.toNanos();
  private boolean unreadable;

  /**
   * A duty, not begun.
   *
   * @param stop called with the reason when the node should stop; perhaps again and again
   */
  public DiskDuty(
      Bootstrap bootstrap,
      ReplicaSlot slot,
      HttpClient client,
      FreeSpace freeSpace,
      Reserve reserve,
      DiskGauge gauge,
      Consumer<String> stop) {
    this.bootstrap = bootstrap;
    this.slot = slot;
    this.probe = new NodeProbe(client);
    this.freeSpace = freeSpace;
    this.reserve = reserve;
    this.gauge = gauge;
    this.stop = stop;
  }

  /** Begins; to be called once. */
  public void start() {
    var _ = thread.scheduleWithFixedDelay(this::round, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** An exception that came out would end the rounds for good. */
  private void round() {
    try {
      measure();
      act();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("looking after the disk failed", e);
    }
  }

  private void measure() {
    long headBytes = slot.replica().map(replica -> replica.storage().stats().bytes()).orElse(0L);
    long wanted = DiskState.reserve(reserve.segmentBytes, headBytes, reserve.marginBytes);
    try {
      DiskState before = gauge.state();
      DiskState now = before.next(freeSpace.bytes(), wanted);
      if (now.level() != before.level()) {
        log.warn(
            "disk {}: {} bytes are free, the reserve is {}",
            now.level(),
            now.freeBytes(),
            now.reserveBytes());
      }
      gauge.measured(now);
      unreadable = false;
    } catch (IOException e) {
      if (!unreadable) {
        log.warn("the free space of the data directory can't be read", e);
      }
      unreadable = true;
    }
  }

  private void act() throws InterruptedException {
    ShardReplica replica = slot.replica().orElse(null);
    if (replica == null || !(bootstrap.identity() instanceof Identity.Joined joined)) {
      gauge.decided(DiskPlan.NOTHING);
      return;
    }
    DiskState own = gauge.state();
    if (!replica.isLeader()) {
      DiskPlan plan = DiskPlan.ofFollower(own);
      gauge.decided(plan);
      if (plan.stops()) {
        stop.accept(
            "the disk is full: "
                + own.freeBytes()
                + " bytes are free, and "
                + own.reserveBytes()
                + " are the reserve; make room and start the node again");
      }
      return;
    }
    List<Member> voters = replica.membership().present().voters();
    Set<String> names = voters.stream().map(Member::name).collect(Collectors.toSet());
    DiskPlan plan = DiskPlan.ofLeader(own, joined.name(), names, withRoom(voters, joined.name()));
    gauge.decided(plan);
    handOver(plan, voters, replica, joined);
  }

  private Set<String> withRoom(List<Member> voters, String self) throws InterruptedException {
    long now = System.nanoTime();
    for (Member voter : voters) {
      if (!voter.name().equals(self)) {
        Optional<NodeProbe.State> state = probe.state(voter.httpAddress());
        if (state.isPresent() && state.get().hasRoom()) {
          roomSeenNanos.put(voter.name(), now);
        } else if (state.isPresent()) {
          roomSeenNanos.remove(voter.name());
        }
      }
    }
    roomSeenNanos.values().removeIf(seen -> now - seen > WORD_HOLDS.toNanos());
    return new HashSet<>(roomSeenNanos.keySet());
  }

  private void handOver(
      DiskPlan plan, List<Member> voters, ShardReplica replica, Identity.Joined joined)
      throws InterruptedException {
    if (plan.handOverTo().isEmpty()
        || System.nanoTime() - handedOverNanos < HAND_OVER_PAUSE.toNanos()) {
      return;
    }
    handedOverNanos = System.nanoTime();
    List<Member> candidates =
        voters.stream().filter(voter -> plan.handOverTo().contains(voter.name())).toList();
    Optional<Member> self =
        voters.stream().filter(voter -> voter.name().equals(joined.name())).findFirst();
    if (self.isEmpty()) {
      return;
    }
    try {
      Optional<Member> leader =
          new LeaderChoice(replica, self.get(), probe).handOver(candidates, HAND_OVER_LIMIT);
      log.warn("low disk: {}", leader.map(m -> m.name() + " leads now").orElse("nobody took over"));
    } catch (ReplicaFailure e) {
      log.warn("low disk, and leadership could not be handed over: {}", e.getMessage());
    }
  }

  /** Ends the rounds. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}

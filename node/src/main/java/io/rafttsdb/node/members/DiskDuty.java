package io.rafttsdb.node.members;

import io.rafttsdb.node.disk.DiskGauge;
import io.rafttsdb.node.disk.DiskPlan;
import io.rafttsdb.node.disk.DiskState;
import io.rafttsdb.node.disk.FreeSpace;
import io.rafttsdb.replica.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at this node's disk, and where it leads at what the other voters say of theirs, and finds
 * what {@link DiskPlan} says. {@link PeerRounds} calls it each second; for one thread.
 */
public final class DiskDuty {

  private static final Logger log = LoggerFactory.getLogger(DiskDuty.class);

  /** A voter that does not answer has room for so long as it last said. */
  private static final Duration WORD_HOLDS = Duration.ofSeconds(10);

  /**
   * What a reserve is made of beside the Head.
   *
   * @param segmentBytes size of a segment of the log
   * @param marginBytes for whatever else writes to the disk
   */
  public record Reserve(long segmentBytes, long marginBytes) {}

  private final FreeSpace freeSpace;
  private final Reserve reserve;
  private final DiskGauge gauge;
  private final Consumer<String> stop;
  private final Map<String, Long> roomSeenNanos = new HashMap<>();
  private boolean unreadable;

  /**
   * A duty.
   *
   * @param stop called with the reason when the node should stop; perhaps again and again
   */
  public DiskDuty(FreeSpace freeSpace, Reserve reserve, DiskGauge gauge, Consumer<String> stop) {
    this.freeSpace = freeSpace;
    this.reserve = reserve;
    this.gauge = gauge;
    this.stop = stop;
  }

  /**
   * Measures what is free.
   *
   * @param headBytes memory of the Head; 0 without one
   */
  void measure(long headBytes) {
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

  /** This node belongs to no cluster. */
  void idle() {
    gauge.decided(DiskPlan.NOTHING);
  }

  /** This node does not lead. */
  void follow() {
    DiskState own = gauge.state();
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
  }

  /**
   * This node leads.
   *
   * @return names of voters of which one should lead instead; empty: none
   */
  List<String> lead(List<Member> voters, String self, PeerAnswers answers) {
    Set<String> names = voters.stream().map(Member::name).collect(Collectors.toSet());
    DiskPlan plan = DiskPlan.ofLeader(gauge.state(), self, names, withRoom(answers));
    gauge.decided(plan);
    return plan.handOverTo();
  }

  private Set<String> withRoom(PeerAnswers answers) {
    long now = System.nanoTime();
    answers
        .states()
        .forEach((name, state) -> {
          if (state.hasRoom()) {
            roomSeenNanos.put(name, now);
          } else {
            roomSeenNanos.remove(name);
          }
        });
    roomSeenNanos.values().removeIf(seen -> now - seen > WORD_HOLDS.toNanos());
    return new HashSet<>(roomSeenNanos.keySet());
  }
}

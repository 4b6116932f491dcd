package io.rafttsdb.node.members;

import io.rafttsdb.node.clock.ClockGauge;
import io.rafttsdb.node.clock.ClockVerdict;
import io.rafttsdb.replica.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares this node's wall clock with those of the other voters, by what they say each second. For
 * one thread.
 */
final class ClockComparison {

  private static final Logger log = LoggerFactory.getLogger(ClockComparison.class);

  /** An answer that took longer says too little of the time at which it was given. */
  static final Duration ROUND_TRIP_MAX = Duration.ofSeconds(2);

  /** What a clock showed counts so long; beside a steady clock it does not grow old before. */
  private static final Duration WORD_HOLDS = Duration.ofSeconds(10);

  /**
   * What another member's clock showed, less what this node's steady clock did.
   *
   * @param seenNanos when
   */
  private record Shown(long wallLessSteadyMs, long seenNanos) {}

  private final ClockGauge gauge;
  private final Map<String, Shown> shown = new HashMap<>();

  ClockComparison(ClockGauge gauge) {
    this.gauge = gauge;
  }

  /**
   * Judges this node's clock.
   *
   * @return names of the other voters that may lead by their clocks
   */
  Set<String> judge(List<Member> voters, String self, PeerAnswers answers) {
    long now = System.nanoTime();
    answers.states().forEach((name, state) -> take(name, state));
    shown.values().removeIf(each -> now - each.seenNanos > WORD_HOLDS.toNanos());
    Set<String> names = new HashSet<>();
    voters.forEach(voter -> names.add(voter.name()));
    names.remove(self);
    shown.keySet().retainAll(names);
    long own = gauge.wallLessSteadyMs();
    List<Long> ahead = new ArrayList<>();
    shown.values().forEach(each -> ahead.add(each.wallLessSteadyMs - own));
    ClockVerdict before = gauge.verdict();
    ClockVerdict verdict = ClockVerdict.of(before, voters.size(), ahead);
    gauge.judged(verdict, own);
    tell(before, verdict);
    names.removeIf(name -> {
      Shown other = shown.get(name);
      return other == null || !verdict.isFit(other.wallLessSteadyMs - own);
    });
    return names;
  }

  /** The answer was given, as well as can be known, in the middle between question and arrival. */
  private void take(String name, NodeProbe.State state) {
    if (state.timeMs() == NodeProbe.NO_TIME || state.roundTrip().compareTo(ROUND_TRIP_MAX) > 0) {
      return;
    }
    long middleNanos = state.arrivedNanos() - state.roundTrip().toNanos() / 2;
    shown.put(
        name,
        new Shown(
            state.timeMs() - TimeUnit.NANOSECONDS.toMillis(middleNanos), state.arrivedNanos()));
  }

  private static void tell(ClockVerdict before, ClockVerdict verdict) {
    if (before.kind() == verdict.kind()) {
      return;
    }
    switch (verdict.kind()) {
      case UNFIT, DISPUTED ->
          log.error("clock {}: {} ms off the median", verdict.kind(), verdict.offsetMs());
      case FIT, UNKNOWN ->
          log.info("clock {}: {} ms off the median", verdict.kind(), verdict.offsetMs());
    }
  }
}

package io.rafttsdb.node.clock;

import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * This node's wall clock, what was last found of it, and whether it has jumped since. One thread
 * judges, any thread reads.
 */
public final class ClockGauge {

  private final InstantSource clock;
  private final LongSupplier nanos;
  private volatile Judged judged;

  /**
   * A verdict, and what the wall clock showed beside the steady one when it was given.
   *
   * @param wallLessSteadyMs changes only where the wall clock is set
   */
  private record Judged(ClockVerdict verdict, long wallLessSteadyMs) {}

  /**
   * A gauge of which nothing was found yet.
   *
   * @param nanos a clock that is never set, as System.nanoTime
   */
  public ClockGauge(InstantSource clock, LongSupplier nanos) {
    this.clock = clock;
    this.nanos = nanos;
    this.judged = new Judged(ClockVerdict.NONE, 0);
  }

  /** What the wall clock shows, in milliseconds since 1970. */
  public long timeMs() {
    return clock.millis();
  }

  /** The wall clock less the steady one: two of these differ by what the wall clock was set. */
  public long wallLessSteadyMs() {
    return clock.millis() - TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong());
  }

  /** Sets what was found by the clock as it then was. */
  public void judged(ClockVerdict verdict, long wallLessSteadyThenMs) {
    judged = new Judged(verdict, wallLessSteadyThenMs);
  }

  public ClockVerdict verdict() {
    return judged.verdict;
  }

  /** Why no samples are taken by this clock; empty where they are. */
  public String refusal() {
    Judged last = judged;
    String refusal = last.verdict.refusal();
    if (refusal.isEmpty() && hasJumped(last)) {
      return "this leader is in doubt of its clock, which was set by "
          + (wallLessSteadyMs() - last.wallLessSteadyMs)
          + " ms since it was compared with the other members'";
    }
    return refusal;
  }

  /** Whether commands may be chosen by what this clock shows now. */
  public boolean isTrusted() {
    Judged last = judged;
    return last.verdict.kind() == ClockVerdict.Kind.FIT && !hasJumped(last);
  }

  private boolean hasJumped(Judged last) {
    return last.verdict.kind() == ClockVerdict.Kind.FIT
        && Math.abs(wallLessSteadyMs() - last.wallLessSteadyMs) > ClockVerdict.OFF.toMillis();
  }
}

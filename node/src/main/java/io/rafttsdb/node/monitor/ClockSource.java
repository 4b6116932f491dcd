package io.rafttsdb.node.monitor;

import io.rafttsdb.node.clock.ClockGauge;
import io.rafttsdb.node.clock.ClockVerdict;
import io.rafttsdb.node.clock.ClockVerdict.Kind;

/** This node's wall clock beside those of the other members. */
public final class ClockSource implements MetricSource {

  private static final double MS = 1e3;

  private final ClockGauge gauge;

  public ClockSource(ClockGauge gauge) {
    this.gauge = gauge;
  }

  @Override
  public void collect(MetricSink sink) {
    ClockVerdict verdict = gauge.verdict();
    if (verdict.kind() == Kind.UNKNOWN) {
      return;
    }
    sink.gauge(
        "raft_tsdb_clock_offset_seconds",
        "How far this node's clock is ahead of the median of the members' clocks.",
        verdict.offsetMs() / MS);
    sink.gauge(
        "raft_tsdb_clock_fit",
        "Whether this node may lead by its clock.",
        verdict.kind() == Kind.FIT ? 1 : 0);
  }
}

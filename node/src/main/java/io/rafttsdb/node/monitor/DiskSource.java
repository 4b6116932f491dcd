package io.rafttsdb.node.monitor;

import io.rafttsdb.node.disk.DiskGauge;
import io.rafttsdb.node.disk.DiskState;

/** What is left on the data directory's disk, and what should be. */
public final class DiskSource implements MetricSource {

  private final DiskGauge gauge;

  public DiskSource(DiskGauge gauge) {
    this.gauge = gauge;
  }

  @Override
  public void collect(MetricSink sink) {
    DiskState state = gauge.state();
    if (state.equals(DiskState.UNKNOWN)) {
      return;
    }
    sink.gauge("raft_tsdb_disk_free_bytes", "Bytes left for the data.", state.freeBytes());
    sink.gauge("raft_tsdb_disk_reserve_bytes", "Bytes that should be left.", state.reserveBytes());
    sink.gauge(
        "raft_tsdb_disk_low",
        "Whether less than the reserve is left.",
        state.level() == DiskState.Level.ROOM ? 0 : 1);
    sink.gauge(
        "raft_tsdb_disk_writes_refused",
        "Whether this leader takes no samples for want of disk space.",
        gauge.refusal().isEmpty() ? 0 : 1);
  }
}

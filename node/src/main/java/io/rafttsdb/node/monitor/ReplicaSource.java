package io.rafttsdb.node.monitor;

import io.rafttsdb.replica.Membership;
import io.rafttsdb.replica.ReplicaMetric;
import io.rafttsdb.replica.ReplicaStatus;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.storage.model.HeadStats;
import java.util.Optional;
import java.util.function.Supplier;

/** The replica: its part in Raft, its log, and the storage behind it. */
public final class ReplicaSource implements MetricSource {

  private static final String PREFIX = "raft_tsdb_";
  private static final double MS = 1e3;

  private final Supplier<Optional<ShardReplica>> replica;

  /**
   * @param replica empty until there is one; then the metrics begin
   */
  public ReplicaSource(Supplier<Optional<ShardReplica>> replica) {
    this.replica = replica;
  }

  @Override
  public void collect(MetricSink sink) {
    Optional<ShardReplica> running = replica.get();
    boolean ready = running.isPresent() && running.get().status().ready();
    sink.gauge(PREFIX + "ready", "Whether the node can serve.", ready ? 1 : 0);
    if (running.isPresent()) {
      raft(sink, running.get().status());
      members(sink, running.get().membership().present());
      head(sink, running.get().storage().stats());
      running.get().metrics().forEach(metric -> own(sink, metric));
    }
  }

  private static void raft(MetricSink sink, ReplicaStatus status) {
    sink.gauge(PREFIX + "raft_term", "The current term.", status.term());
    sink.gauge(
        PREFIX + "raft_leader",
        "Whether this node leads.",
        status.role() == ReplicaStatus.Role.LEADER ? 1 : 0);
    sink.gauge(
        PREFIX + "raft_has_leader",
        "Whether this node knows a leader.",
        status.leader() == null ? 0 : 1);
    sink.gauge(
        PREFIX + "raft_commit_index", "Last entry known to be committed.", status.commitIndex());
    sink.gauge(
        PREFIX + "raft_applied_index", "Last entry that queries see.", status.appliedIndex());
    sink.gauge(
        PREFIX + "raft_apply_lag_entries",
        "Entries known to be committed and not applied.",
        Math.max(0, status.commitIndex() - status.appliedIndex()));
    sink.gauge(
        PREFIX + "raft_snapshot_index",
        "Last entry of the newest snapshot on this disk; -1 without one.",
        status.snapshotIndex());
  }

  private static void members(MetricSink sink, Membership present) {
    sink.gauge(PREFIX + "raft_voters", "Members that vote.", present.voters().size());
    sink.gauge(
        PREFIX + "raft_listeners", "Members that do not vote yet.", present.listeners().size());
  }

  private static void head(MetricSink sink, HeadStats stats) {
    sink.gauge(PREFIX + "head_series", "Series in the Head.", stats.seriesCount());
    sink.gauge(PREFIX + "head_chunks", "Chunks in the Head.", stats.chunkCount());
    sink.gauge(PREFIX + "head_samples", "Samples in the Head.", stats.sampleCount());
    sink.gauge(PREFIX + "head_bytes", "Memory that the Head takes.", stats.bytes());
    if (stats.sampleCount() > 0) {
      sink.gauge(
          PREFIX + "head_min_time_seconds", "Time of the oldest sample.", stats.minMs() / MS);
      sink.gauge(
          PREFIX + "head_max_time_seconds", "Time of the newest sample.", stats.maxMs() / MS);
    }
  }

  private static void own(MetricSink sink, ReplicaMetric metric) {
    double value = metric.value().getAsDouble();
    switch (metric.kind()) {
      case COUNTER -> sink.counter(PREFIX + metric.name(), metric.help(), value);
      case GAUGE -> sink.gauge(PREFIX + metric.name(), metric.help(), value);
    }
  }
}

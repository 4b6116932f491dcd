package io.rafttsdb.node.monitor;

import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.replica.Membership;
import io.rafttsdb.replica.ReplicaMetric;
import io.rafttsdb.replica.ReplicaStatus;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.storage.model.HeadStats;
import java.util.List;

/**
 * The replicas: of each its part in Raft, its log, and the storage behind it, with its shard as a
 * label.
 */
public final class ReplicaSource implements MetricSource {

  private static final String PREFIX = "raft_tsdb_";
  private static final double MS = 1e3;

  private static final String SHARD = "shard";

  private final ReplicaSlot slot;

  /** Of the replicas that a node has; before there are any there is little to tell. */
  public ReplicaSource(ReplicaSlot slot) {
    this.slot = slot;
  }

  @Override
  public void collect(MetricSink sink) {
    List<ShardReplica> shards = slot.shards();
    boolean ready = slot.notReadyReason().isEmpty();
    sink.gauge(PREFIX + "ready", "Whether the node can serve.", ready ? 1 : 0);
    for (ShardReplica replica : shards) {
      String shard = Integer.toString(replica.shard());
      raft(sink, replica.status(), shard);
      members(sink, replica.membership().present(), shard);
      head(sink, replica.storage().stats(), shard);
      replica.metrics().forEach(metric -> own(sink, metric, shard));
    }
  }

  private static void raft(MetricSink sink, ReplicaStatus status, String shard) {
    sink.gauge(PREFIX + "raft_term", "The current term.", status.term(), SHARD, shard);
    sink.gauge(
        PREFIX + "raft_leader",
        "Whether this node leads.",
        status.role() == ReplicaStatus.Role.LEADER ? 1 : 0,
        SHARD,
        shard);
    sink.gauge(
        PREFIX + "raft_has_leader",
        "Whether this node knows a leader.",
        status.leader() == null ? 0 : 1,
        SHARD,
        shard);
    sink.gauge(
        PREFIX + "raft_commit_index",
        "Last entry known to be committed.",
        status.commitIndex(),
        SHARD,
        shard);
    sink.gauge(
        PREFIX + "raft_applied_index",
        "Last entry that queries see.",
        status.appliedIndex(),
        SHARD,
        shard);
    sink.gauge(
        PREFIX + "raft_apply_lag_entries",
        "Entries known to be committed and not applied.",
        Math.max(0, status.commitIndex() - status.appliedIndex()),
        SHARD,
        shard);
    sink.gauge(
        PREFIX + "raft_snapshot_index",
        "Last entry of the newest snapshot on this disk; -1 without one.",
        status.snapshotIndex(),
        SHARD,
        shard);
  }

  private static void members(MetricSink sink, Membership present, String shard) {
    sink.gauge(PREFIX + "raft_voters", "Members that vote.", present.voters().size(), SHARD, shard);
    sink.gauge(
        PREFIX + "raft_listeners",
        "Members that do not vote yet.",
        present.listeners().size(),
        SHARD,
        shard);
  }

  private static void head(MetricSink sink, HeadStats stats, String shard) {
    sink.gauge(PREFIX + "head_series", "Series in the Head.", stats.seriesCount(), SHARD, shard);
    sink.gauge(PREFIX + "head_chunks", "Chunks in the Head.", stats.chunkCount(), SHARD, shard);
    sink.gauge(PREFIX + "head_samples", "Samples in the Head.", stats.sampleCount(), SHARD, shard);
    sink.gauge(PREFIX + "head_bytes", "Memory that the Head takes.", stats.bytes(), SHARD, shard);
    if (stats.sampleCount() > 0) {
      sink.gauge(
          PREFIX + "head_min_time_seconds",
          "Time of the oldest sample.",
          stats.minMs() / MS,
          SHARD,
          shard);
      sink.gauge(
          PREFIX + "head_max_time_seconds",
          "Time of the newest sample.",
          stats.maxMs() / MS,
          SHARD,
          shard);
    }
  }

  private static void own(MetricSink sink, ReplicaMetric metric, String shard) {
    double value = metric.value().getAsDouble();
    switch (metric.kind()) {
      case COUNTER -> sink.counter(PREFIX + metric.name(), metric.help(), value, SHARD, shard);
      case GAUGE -> sink.gauge(PREFIX + metric.name(), metric.help(), value, SHARD, shard);
    }
  }
}

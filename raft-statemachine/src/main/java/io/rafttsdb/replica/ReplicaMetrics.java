package io.rafttsdb.replica;

import io.rafttsdb.replica.ReplicaMetric.Kind;
import io.rafttsdb.replica.duty.BlockCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.impl.RatisMetricRegistryImpl;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.codahale.metrics.Timer;

/** The numbers of a replica: its own counters, and those of Ratis that tell how the disk does. */
final class ReplicaMetrics {
  private static final String LOG_WORKER = "log_worker";
  private static final String SYNC_TIME = "syncTime";
  private static final double NANOS = 1e9;

  private final List<ReplicaMetric> metrics = new ArrayList<>();

  private ReplicaMetrics() {}

  static List<ReplicaMetric> of(
      EntryJoiner joiner,
      TsdbStateMachine machine,
      CommandApplier applier,
      SnapshotTaker taker,
      SnapshotInstaller installer,
      ReplicaFiles files,
      ReplicaBlocks blocks,
      ReplicaCheck check,
      StateHashes hashes,
      StateTrust trust,
      RaftServer.Division division) {
    ReplicaMetrics list = new ReplicaMetrics();
    list.counter("raft_entries_submitted_total", "Entries submitted here.", joiner::entries);
    list.counter("raft_requests_submitted_total", "Requests in them.", joiner::requests);
    list.counter("raft_bytes_submitted_total", "Bytes in them.", joiner::bytes);
    list.gauge("raft_waiting_bytes", "Bytes of requests without answer.", joiner::waitingBytes);
    list.counter("raft_entries_applied_total", "Command entries applied.", machine::applied);
    list.counter("raft_apply_seconds_total", "Time spent applying.", machine::applySeconds);
    list.counter("raft_entries_malformed_total", "Undecodable entries.", applier::malformed);
    list.counter("raft_commands_refused_total", "Commands refused.", applier::commandsRefused);
    list.counter("raft_unknown_refs_total", "Requests of unknown refs.", applier::unknownRefs);
    list.counter("samples_stored_total", "Samples stored.", applier::samplesStored);
    list.counter("samples_repeated_total", "Exact repeats accepted.", applier::samplesRepeated);
    list.counter("samples_refused_total", "Samples refused.", applier::samplesRefused);
    list.counter("snapshots_taken_total", "Snapshots written.", taker::taken);
    list.counter("snapshots_failed_total", "Snapshots that failed.", taker::failed);
    list.counter(
        "snapshots_uncovered_total",
        "Snapshots not made for want of a block and of what stands in for it.",
        taker::uncovered);
    list.gauge("snapshot_freeze_seconds", "Pause of the last one.", taker::freezeSeconds);
    list.gauge("snapshot_write_seconds", "Duration of the last one.", taker::writeSeconds);
    list.gauge("snapshot_log_bytes", "Log applied since the last one.", taker::logBytes);
    list.counter("snapshots_installed_total", "Snapshots received.", installer::installed);
    list.counter("snapshot_installs_failed_total", "Failed receptions.", installer::failed);
    list.counter(
        "snapshot_install_skipped_bytes_total",
        "Bytes of blocks that a reception did not have to pull.",
        files.pull()::skippedBytes);
    list.counter("pulled_bytes_total", "Bytes pulled from nodes.", files.pulls()::pulledBytes);
    list.counter("blocks_pulled_total", "Blocks pulled from nodes.", files.blocks()::pulled);
    list.counter(
        "blocks_pulled_wrong_total", "Blocks pulled with wrong bytes.", files.blocks()::wrongBytes);
    list.counter("blocks_swept_total", "Blocks removed.", files.sweeper()::swept);
    list.gauge("snapshot_pins", "Snapshots kept for other nodes.", files.served().pins()::count);
    list.addBlocks(blocks);
    list.addCheck(check, hashes, trust);
    list.addFsync(division);
    return List.copyOf(list.metrics);
  }

  private void addBlocks(ReplicaBlocks blocks) {
    BlockCounts counts = blocks.keeper().counts();
    gauge("blocks", "Blocks that the shard has.", blocks::certifiedBlocks);
    gauge("blocks_bytes", "Their size.", blocks::certifiedBytes);
    gauge("blocks_present", "Those that this node has.", blocks::presentBlocks);
    gauge("blocks_pending", "Blocks that a majority has yet to build.", blocks::pendingBlocks);
    gauge("deletes_borne", "Deletes that a block bears.", blocks::borneDeletes);
    counter("blocks_built_total", "Blocks built here.", counts::builtBlocks);
    counter("blocks_built_bytes_total", "Bytes of them.", counts::builtSizeBytes);
    counter("blocks_fetched_total", "Blocks got from another node.", counts::fetchedBlocks);
    counter("blocks_failures_total", "Work on blocks that failed.", counts::failures);
    counter("blocks_differing_total", "Blocks unlike the majority's.", counts::differingBlocks);
    counter("blocks_damaged_total", "Damaged blocks set aside.", counts::quarantinedBlocks);
    counter("blocks_scrubbed_total", "Blocks read again.", blocks.scrubber()::scrubbedBlocks);
    gauge("blocks_split", "Blocks without a majority.", blocks.leader()::splitBlocks);
    gauge(
        "retention_held_back",
        "1 while nothing is dropped since the newest block ends in the future.",
        () -> blocks.leader().isRetentionHeldBack() ? 1 : 0);
  }

  private void addCheck(ReplicaCheck check, StateHashes hashes, StateTrust trust) {
    counter("state_checks_agreed_total", "Checks in which all had one state.", check::agreed);
    counter("state_checks_diverged_total", "Checks in which states differed.", check::diverged);
    counter("state_checks_undecided_total", "Checks that too few took part in.", check::undecided);
    counter("state_checks_skipped_total", "Checks not taken part in: too fast.", hashes::skipped);
    counter("state_checks_failed_total", "States that could not be read.", hashes::failed);
    gauge("state_check_index", "Entry after which the state was right.", check::agreedIndex);
    gauge("state_hash_seconds", "Duration of the last hash.", hashes::hashSeconds);
    gauge(
        "state_diverged",
        "1 while a majority has another state.",
        () -> trust.isDiverged() ? 1 : 0);
    gauge(
        "state_split",
        "1 while no majority has the same state.",
        () -> trust.level() == StateTrust.Level.SPLIT ? 1 : 0);
  }

  private void addFsync(RaftServer.Division division) {
    String member = division.getMemberId().toString();
    counter("raft_fsyncs_total", "Forced writes of the log.", () -> fsync(member, Timer::getCount));
    gauge(
        "raft_fsync_p50_seconds",
        "Forced write of the log, median of the last minutes.",
        () -> fsync(member, timer -> timer.getSnapshot().getMedian() / NANOS));
    gauge(
        "raft_fsync_p99_seconds",
        "Forced write of the log, 99th percentile of the last minutes.",
        () -> fsync(member, timer -> timer.getSnapshot().get99thPercentile() / NANOS));
  }

  /** A figure of Ratis's timer; 0 before the log has written anything. */
  private static double fsync(String member, ToDoubleFunction<Timer> figure) {
    for (MetricRegistryInfo info : MetricRegistries.global().getMetricRegistryInfos()) {
      if (!info.getMetricsComponentName().equals(LOG_WORKER) || !info.getPrefix().equals(member)) {
        continue;
      }
      var registry = MetricRegistries.global().get(info).orElse(null);
      if (registry instanceof RatisMetricRegistryImpl ratis) {
        for (Map.Entry<String, Timer> timer :
            ratis.getDropWizardMetricRegistry().getTimers().entrySet()) {
          if (timer.getKey().endsWith(SYNC_TIME)) {
            return figure.applyAsDouble(timer.getValue());
          }
        }
      }
    }
    return 0;
  }

  private void counter(String name, String help, DoubleSupplier value) {
    metrics.add(new ReplicaMetric(name, Kind.COUNTER, help, value));
  }

  private void gauge(String name, String help, DoubleSupplier value) {
    metrics.add(new ReplicaMetric(name, Kind.GAUGE, help, value));
  }
}

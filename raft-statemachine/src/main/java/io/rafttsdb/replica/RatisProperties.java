package io.rafttsdb.replica;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.server.RaftServerConfigKeys.Rpc;
import org.apache.ratis.server.RaftServerConfigKeys.Snapshot;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * How Ratis is configured; docs/replication.md says why and adds up the memory. The cache of the
 * log is shared evenly by the groups of a process.
 */
final class RatisProperties {

  /** Longest record of the log; a longer one would depose the leader. */
  static final int ENTRY_BYTES_MAX = 4 << 20;

  /** Room in a record for what Ratis adds to the bytes of an entry: ids, term, index. */
  private static final int RECORD_OVERHEAD_BYTES_MAX = 4 << 10;

  /** Longest entry that may be submitted. */
  static final int PAYLOAD_BYTES_MAX = ENTRY_BYTES_MAX - RECORD_OVERHEAD_BYTES_MAX;

  private static final int WRITE_BUFFER_BYTES = 5 << 20;
  private static final int PREALLOCATED_BYTES_MAX = 4 << 20;
  private static final int CACHED_SEGMENTS = 1;
  private static final int CACHE_BYTES_MAX = 64 << 20;
  private static final int APPEND_ENTRIES_MAX = 64;
  private static final int OUTSTANDING_APPENDS_MAX = 8;
  private static final int PENDING_WRITES_MAX = 64;
  private static final int PENDING_WRITE_BYTES_MAX = 128 << 20;

  /** In-process submissions never repeat a call id: the cache of replies serves nobody. */
  private static final Duration RETRY_CACHE_EXPIRY = Duration.ofSeconds(1);

  /** Of the silence after which a follower may stand: so long a leader's lease lasts. */
  static final double LEASE_PART = 0.9;

  private static final Duration FIRST_ELECTION_MIN = Duration.ofMillis(300);
  private static final Duration FIRST_ELECTION_MAX = Duration.ofMillis(700);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration SLOWNESS_TIMEOUT = Duration.ofMinutes(2);

  /** Longest that a read barrier waits for the apply thread. */
  static final Duration READ_TIMEOUT = Duration.ofSeconds(5);

  private RatisProperties() {}

  static RaftProperties of(ReplicaConfig config, Path raftDirectory) {
    RaftProperties properties = new RaftProperties();
    ReplicaLimits limits = config.limits();
    RaftServerConfigKeys.setStorageDir(properties, List.of(raftDirectory.toFile()));
    addTimeouts(properties, limits);
    addLog(properties, limits, config.policy().shards());
    addSnapshots(properties);
    addReadsAndWrites(properties);
    properties.set(RaftConfigKeys.Rpc.TYPE_KEY, ProvingRpc.class.getName());
    GrpcConfigKeys.Server.setHost(properties, config.listenHost());
    GrpcConfigKeys.Server.setPort(properties, config.listenPort());
    GrpcConfigKeys.Server.setLeaderOutstandingAppendsMax(properties, OUTSTANDING_APPENDS_MAX);
    GrpcConfigKeys.setMessageSizeMax(properties, SizeInBytes.valueOf(4L * ENTRY_BYTES_MAX));
    GrpcConfigKeys.setFlowControlWindow(properties, SizeInBytes.valueOf(ENTRY_BYTES_MAX));
    return properties;
  }

  private static void addTimeouts(RaftProperties properties, ReplicaLimits limits) {
    Rpc.setTimeoutMin(properties, duration(limits.electionMin()));
    Rpc.setTimeoutMax(properties, duration(limits.electionMax()));
    Rpc.setFirstElectionTimeoutMin(properties, duration(FIRST_ELECTION_MIN));
    Rpc.setFirstElectionTimeoutMax(properties, duration(FIRST_ELECTION_MAX));
    // A leader that lost its majority may be the only one with the whole log when that is back.
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(
        properties, duration(limits.electionMax()));
    Rpc.setRequestTimeout(properties, duration(REQUEST_TIMEOUT));
    Rpc.setSlownessTimeout(properties, duration(SLOWNESS_TIMEOUT));
  }

  private static void addLog(RaftProperties properties, ReplicaLimits limits, int shards) {
    SizeInBytes segment = SizeInBytes.valueOf(limits.segmentBytes());
    Log.setSegmentSizeMax(properties, segment);
    Log.setPreallocatedSize(
        properties, SizeInBytes.valueOf(Math.min(PREALLOCATED_BYTES_MAX, limits.segmentBytes())));
    Log.setWriteBufferSize(properties, SizeInBytes.valueOf(WRITE_BUFFER_BYTES));
    Log.setSegmentCacheNumMax(properties, CACHED_SEGMENTS);
    Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf(CACHE_BYTES_MAX / shards));
    Log.setLogMetadataEnabled(properties, false);
    Log.setCorruptionPolicy(properties, Log.CorruptionPolicy.EXCEPTION);
    Log.setPurgeUptoSnapshotIndex(properties, true);
    Log.setPurgeGap(properties, limits.purgeGap());
    Log.Appender.setBufferByteLimit(properties, SizeInBytes.valueOf(ENTRY_BYTES_MAX));
    Log.Appender.setBufferElementLimit(properties, APPEND_ENTRIES_MAX);
    Log.Appender.setInstallSnapshotEnabled(properties, false);
  }

  /** The trigger of snapshots is {@link SnapshotTaker}; Ratis's own serves only the clean stop. */
  private static void addSnapshots(RaftProperties properties) {
    Snapshot.setAutoTriggerEnabled(properties, true);
    Snapshot.setAutoTriggerThreshold(properties, Long.MAX_VALUE);
    Snapshot.setTriggerWhenStopEnabled(properties, true);
    Snapshot.setTriggerWhenRemoveEnabled(properties, false);
    Snapshot.setCreationGap(properties, 1);
  }

  private static void addReadsAndWrites(RaftProperties properties) {
    RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
    // Ratis's own proof of leadership is none: LeadershipProof comes before each read.
    RaftServerConfigKeys.Read.setLeaderHeartbeatCheckEnabled(properties, false);
    RaftServerConfigKeys.Read.setLeaderLeaseEnabled(properties, false);
    RaftServerConfigKeys.Read.setTimeout(properties, duration(READ_TIMEOUT));
    RaftServerConfigKeys.Write.setElementLimit(properties, PENDING_WRITES_MAX);
    RaftServerConfigKeys.Write.setByteLimit(
        properties, SizeInBytes.valueOf(PENDING_WRITE_BYTES_MAX));
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, duration(RETRY_CACHE_EXPIRY));
  }

  private static TimeDuration duration(Duration duration) {
    return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
  }
}

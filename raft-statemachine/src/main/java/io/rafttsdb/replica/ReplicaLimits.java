package io.rafttsdb.replica;

import java.time.Duration;

/**
 * Bounds and periods of a replica.
 *
 * @param electionMin silence of the leader after which a follower may stand, at the least
 * @param electionMax the same at the most; a stall shorter than the least changes no leader
 * @param snapshotLogBytes applied log bytes after which a snapshot is taken; the image's own size,
 *     where that is more
 * @param snapshotInterval time after which one is taken if anything was applied
 * @param snapshotRetry time after a snapshot that could not be made before the next try
 * @param pullBytesPerSecond rate at which this node pulls snapshots and blocks from others
 * @param waitingBytesMax encoded bytes of appends that wait or are under way; more are refused
 * @param segmentBytes size of a log segment, the unit of purging
 * @param purgeGap entries that must have become superfluous before a purge begins
 * @param checkInterval between two comparisons of the replicas' states, where anything was applied
 *     in between; a new leader begins with one after a sixtieth of it
 */
public record ReplicaLimits(
    Duration electionMin,
    Duration electionMax,
    long snapshotLogBytes,
    Duration snapshotInterval,
    Duration snapshotRetry,
    long pullBytesPerSecond,
    long waitingBytesMax,
    int segmentBytes,
    int purgeGap,
    Duration checkInterval) {

  private static final int SEGMENT_BYTES_MIN = 64 << 10;

  public static final ReplicaLimits DEFAULT =
      new ReplicaLimits(
          Duration.ofMillis(1500),
          Duration.ofMillis(3000),
          64L << 20,
          Duration.ofMinutes(10),
          Duration.ofMinutes(1),
          64L << 20,
          64L << 20,
          32 << 20,
          128,
          Duration.ofMinutes(10));

  public ReplicaLimits {
    if (electionMin.toMillis() < 100 || electionMax.compareTo(electionMin) <= 0) {
      throw new IllegalArgumentException(
          "election time-out of " + electionMin + " to " + electionMax);
    }
    if (checkInterval.toMillis() < 1) {
      throw new IllegalArgumentException("a check every " + checkInterval);
    }
    if (snapshotRetry.isNegative() || pullBytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "a retry after " + snapshotRetry + ", " + pullBytesPerSecond + " bytes a second");
    }
    if (snapshotLogBytes < 1 || waitingBytesMax < 1 || segmentBytes < 1 || purgeGap < 1) {
      throw new IllegalArgumentException("a limit below 1");
    }
  }

  /**
   * So long a leader with a lease answers reads by itself, at the most. A voter that has answered
   * the leader helps nobody else to lead for longer than that; one that starts anew has forgotten
   * it, and must not take part before so much time has gone by.
   */
  public Duration leaseMax() {
    return Duration.ofNanos((long) (RatisProperties.LEASE_PART * electionMin.toNanos()));
  }

  /** Those of one of some shards: what a node has for all is shared evenly. */
  public ReplicaLimits ofOne(int shards) {
    return new ReplicaLimits(
        electionMin,
        electionMax,
        Math.max(1, snapshotLogBytes / shards),
        snapshotInterval,
        snapshotRetry,
        Math.max(1, pullBytesPerSecond / shards),
        Math.max(1, waitingBytesMax / shards),
        Math.max(SEGMENT_BYTES_MIN, segmentBytes / shards),
        purgeGap,
        checkInterval);
  }

  /** With another silence of the leader after which a follower may stand. */
  ReplicaLimits withElection(Duration min, Duration max) {
    return new ReplicaLimits(
        min,
        max,
        snapshotLogBytes,
        snapshotInterval,
        snapshotRetry,
        pullBytesPerSecond,
        waitingBytesMax,
        segmentBytes,
        purgeGap,
        checkInterval);
  }

  /** With other triggers of snapshots. */
  public ReplicaLimits withSnapshots(long logBytes, Duration interval) {
    return new ReplicaLimits(
        electionMin,
        electionMax,
        logBytes,
        interval,
        snapshotRetry,
        pullBytesPerSecond,
        waitingBytesMax,
        segmentBytes,
        purgeGap,
        checkInterval);
  }

  /** With snapshots after so many log bytes, and segments small enough that a purge frees some. */
  public ReplicaLimits withSnapshotLogBytes(long logBytes) {
    int segment = (int) Math.min(segmentBytes, Math.max(SEGMENT_BYTES_MIN, logBytes / 2));
    return new ReplicaLimits(
        electionMin,
        electionMax,
        logBytes,
        snapshotInterval,
        snapshotRetry,
        pullBytesPerSecond,
        waitingBytesMax,
        segment,
        purgeGap,
        checkInterval);
  }

  /** With another time between two comparisons of the replicas. */
  public ReplicaLimits withCheckInterval(Duration interval) {
    return new ReplicaLimits(
        electionMin,
        electionMax,
        snapshotLogBytes,
        snapshotInterval,
        snapshotRetry,
        pullBytesPerSecond,
        waitingBytesMax,
        segmentBytes,
        purgeGap,
        interval);
  }
}

package io.rafttsdb.node.cluster;

import io.rafttsdb.node.cluster.CheckedText.Malformed;
import io.rafttsdb.node.config.NodeConfig;
import io.rafttsdb.node.config.PrometheusDuration;
import io.rafttsdb.replica.ShardGroups;
import io.rafttsdb.storage.model.Settings;
import java.time.Duration;

/**
 * What is fixed when a cluster comes into being.
 *
 * @param blockRangeMs range of its blocks
 * @param shards how many Raft groups its series are spread over
 */
public record ClusterShape(long blockRangeMs, int shards) {

  private static final String BLOCK_RANGE = "block-range-ms";
  private static final String SHARDS = "shards";

  public ClusterShape {
    if (shards < 1 || shards > ShardGroups.SHARDS_MAX) {
      throw new IllegalArgumentException(
          shards + " shards, expected 1 to " + ShardGroups.SHARDS_MAX);
    }
  }

  /** What a configuration asks for, with the defaults of a new cluster. */
  static ClusterShape of(NodeConfig config) {
    Duration range = config.blockRange();
    Integer shards = config.shards();
    return new ClusterShape(
        range == null ? Settings.BLOCK_RANGE_DEFAULT_MS : range.toMillis(),
        shards == null ? 1 : shards);
  }

  CheckedText in(CheckedText text) {
    return text.with(BLOCK_RANGE, blockRangeMs).with(SHARDS, shards);
  }

  static ClusterShape from(CheckedText text) throws Malformed {
    try {
      return new ClusterShape(
          Long.parseLong(text.one(BLOCK_RANGE)), Integer.parseInt(text.one(SHARDS)));
    } catch (IllegalArgumentException e) {
      throw new Malformed("has no shape of a cluster: " + e.getMessage(), e);
    }
  }

  /** Why a coordinator's shape is not this node's; empty where it is. */
  String disagreement(ClusterShape coordinators) {
    if (coordinators.blockRangeMs != blockRangeMs) {
      return "its configuration has the min-block-duration "
          + shown(blockRangeMs)
          + ", the coordinator's "
          + shown(coordinators.blockRangeMs)
          + "; make it equal on every node";
    }
    return coordinators.shards == shards
        ? ""
        : "its configuration has "
            + shards
            + " shards, the coordinator's "
            + coordinators.shards
            + "; make it equal on every node";
  }

  /** Why a configuration does not fit a cluster of this shape; empty where it does. */
  String refusal(NodeConfig config) {
    Duration range = config.blockRange();
    if (range != null && range.toMillis() != blockRangeMs) {
      return "min-block-duration is "
          + PrometheusDuration.format(range)
          + ", but the cluster came into being with "
          + shown(blockRangeMs)
          + ", which stays; leave it out or give that";
    }
    Integer asked = config.shards();
    return asked == null || asked == shards
        ? ""
        : "shards is "
            + asked
            + ", but the cluster came into being with "
            + shards
            + ", which stays; leave it out or give that";
  }

  private static String shown(long rangeMs) {
    return PrometheusDuration.format(Duration.ofMillis(rangeMs));
  }
}

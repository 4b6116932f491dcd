package io.rafttsdb.node.config;

import io.rafttsdb.replica.ShardGroups;
import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.SettingsChange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one node, checked. Made by {@link ConfigReader}; nobody but the wiring of the
 * node is handed the whole of it.
 *
 * @param name this node's name, one of the members'
 * @param httpBind where it listens for HTTP
 * @param raftBind where it listens for Raft
 * @param join whether an empty node waits to be added to a cluster that is there
 * @param members all nodes with the addresses at which others reach them, in order; the first one
 *     coordinates the bootstrap. Of a node that waits to be added: itself
 * @param storagePath the data directory
 * @param blockRange range of a block if one was asked for; null: whatever the cluster has, two
 *     hours in a new one
 * @param shards how many shards were asked for; null: whatever the cluster has, one in a new one
 * @param settings what of the replicated settings the configuration names
 * @param blockPolicy how this node works on its blocks
 * @param headBytesMax bytes that the Head may take; from there on writes are refused for a while
 * @param snapshotLogBytes log bytes after which a snapshot is taken and older log dropped
 * @param freeBytesMargin bytes that should stay free on the disk beside what the node itself needs
 * @param adminApi whether the endpoints that delete are open
 * @param leaderLease whether this node, where it leads, answers reads by a lease
 * @param leaderPriority of fit voters only those of the highest lead, in time; 0 to 9
 * @param selfMonitoringInterval how often the node's own metrics are written into the cluster;
 *     null: never
 */
public record NodeConfig(
    String name,
    Address httpBind,
    Address raftBind,
    boolean join,
    List<MemberAddress> members,
    Path storagePath,
    @Nullable Duration blockRange,
    @Nullable Integer shards,
    SettingsChange settings,
    BlockPolicy blockPolicy,
    long headBytesMax,
    long snapshotLogBytes,
    long freeBytesMargin,
    boolean adminApi,
    boolean leaderLease,
    int leaderPriority,
    @Nullable Duration selfMonitoringInterval) {

  /** A group of more voters gains nothing and slows each write. */
  public static final int MEMBERS_MAX = 9;

  public static final int LEADER_PRIORITY_DEFAULT = 1;

  private static final int LEADER_PRIORITY_MAX = 9;

  static final long HEAD_BYTES_MIN = 16L << 20;
  static final long SNAPSHOT_LOG_BYTES_MIN = 64L << 10;
  static final long SNAPSHOT_LOG_BYTES_MAX = 16L << 30;
  static final Duration SELF_MONITORING_MIN = Duration.ofSeconds(1);
  static final Duration SELF_MONITORING_MAX = Duration.ofHours(1);

  public NodeConfig {
    members = List.copyOf(members);
    MemberAddress.checkName(name);
    checkMembers(name, members);
    if (httpBind.equals(raftBind)) {
      throw new IllegalArgumentException(
          "http-address and raft-address are both " + httpBind + ", expected two ports");
    }
    Settings _ =
        settings.over(
            new Settings(
                blockRange == null ? Settings.BLOCK_RANGE_DEFAULT_MS : blockRange.toMillis(), 0));
    if (shards != null && (shards < 1 || shards > ShardGroups.SHARDS_MAX)) {
      throw new IllegalArgumentException(
          "shards of " + shards + ", expected 1 to " + ShardGroups.SHARDS_MAX);
    }
    if (leaderPriority < 0 || leaderPriority > LEADER_PRIORITY_MAX) {
      throw new IllegalArgumentException(
          "leader-priority of " + leaderPriority + ", expected 0 to " + LEADER_PRIORITY_MAX);
    }
    if (headBytesMax < HEAD_BYTES_MIN) {
      throw new IllegalArgumentException(
          "storage.head-bytes-max of "
              + headBytesMax
              + " bytes, expected at least "
              + HEAD_BYTES_MIN);
    }
    if (snapshotLogBytes < SNAPSHOT_LOG_BYTES_MIN || snapshotLogBytes > SNAPSHOT_LOG_BYTES_MAX) {
      throw new IllegalArgumentException(
          "storage.snapshot-log-bytes of " + snapshotLogBytes + " bytes, expected 64KiB to 16GiB");
    }
    if (freeBytesMargin < 0) {
      throw new IllegalArgumentException(
          "storage.free-bytes-margin of " + freeBytesMargin + " bytes, expected 0 or more");
    }
    if (selfMonitoringInterval != null
        && (selfMonitoringInterval.compareTo(SELF_MONITORING_MIN) < 0
            || selfMonitoringInterval.compareTo(SELF_MONITORING_MAX) > 0)) {
      throw new IllegalArgumentException(
          "self-monitoring.interval of "
              + PrometheusDuration.format(selfMonitoringInterval)
              + ", expected 1s to 1h");
    }
  }

  private static void checkMembers(String name, List<MemberAddress> members) {
    if (members.isEmpty() || members.size() > MEMBERS_MAX) {
      throw new IllegalArgumentException(members.size() + " members, expected 1 to " + MEMBERS_MAX);
    }
    Set<String> names = new HashSet<>();
    Set<Address> addresses = new HashSet<>();
    for (MemberAddress member : members) {
      if (!names.add(member.name())) {
        throw new IllegalArgumentException("members has " + member.name() + " twice");
      }
      for (Address address : List.of(member.http(), member.raft())) {
        if (address.isWildcard()) {
          throw new IllegalArgumentException(
              "member "
                  + member.name()
                  + " has the address "
                  + address
                  + ", which no other node can reach; give a host name or number");
        }
        if (!addresses.add(address)) {
          throw new IllegalArgumentException("members has the address " + address + " twice");
        }
      }
    }
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "this node's name, " + name + ", is not among members " + names);
    }
  }

  /** The settings of a new cluster. With a limit of size alone there is none of age. */
  public Settings firstSettings(long blockRangeMs) {
    Settings defaults = new Settings(blockRangeMs, 0);
    SettingsChange ageless = new SettingsChange(null, Settings.UNLIMITED, null, null);
    return settings.over(settings.retentionBytes() == null ? defaults : ageless.over(defaults));
  }

  /** This node as the others see it. */
  public MemberAddress self() {
    return members.stream().filter(member -> member.name().equals(name)).findFirst().orElseThrow();
  }
}

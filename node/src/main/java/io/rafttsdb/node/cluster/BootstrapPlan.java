package io.rafttsdb.node.cluster;

import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.node.config.NodeConfig;
import io.rafttsdb.node.config.PrometheusDuration;
import io.rafttsdb.storage.model.Settings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cluster that a node's configuration describes, before there is one.
 *
 * @param name this node
 * @param members all nodes; the first one coordinates
 * @param joins whether the node waits to be added to a cluster, and brings none into being
 */
record BootstrapPlan(String name, List<MemberAddress> members, long blockRangeMs, boolean joins) {

  /** The plan of a founder. */
  BootstrapPlan(String name, List<MemberAddress> members, long blockRangeMs) {
    this(name, members, blockRangeMs, false);
  }

  BootstrapPlan {
    members = List.copyOf(members);
  }

  static BootstrapPlan of(NodeConfig config) {
    Duration asked = config.blockRange();
    return new BootstrapPlan(
        config.name(),
        config.members(),
        asked == null ? Settings.BLOCK_RANGE_DEFAULT_MS : asked.toMillis(),
        config.join());
  }

  boolean coordinates() {
    return coordinator().name().equals(name);
  }

  MemberAddress coordinator() {
    return members.getFirst();
  }

  List<MemberAddress> others() {
    return members.stream().filter(member -> !member.name().equals(name)).toList();
  }

  /**
   * Why a coordinator's request does not fit this node's own configuration; empty where it does.
   */
  String disagreement(PrepareRequest request) {
    if (!request.members().equals(members)) {
      return "its configuration lists the members "
          + shown(members)
          + ", the coordinator's "
          + shown(request.members())
          + "; make members equal, in the same order, on every node";
    }
    if (request.blockRangeMs() != blockRangeMs) {
      return "its configuration has the min-block-duration "
          + PrometheusDuration.format(Duration.ofMillis(blockRangeMs))
          + ", the coordinator's "
          + PrometheusDuration.format(Duration.ofMillis(request.blockRangeMs()))
          + "; make it equal on every node";
    }
    return "";
  }

  /**
   * Why the configuration does not fit the cluster that the directory belongs to; empty where it
   * does. What it says of other members means nothing any more.
   *
   * @param asked the range of blocks that the configuration names, or null
   */
  String disagreement(Identity.Joined joined, @Nullable Duration asked) {
    if (!joined.name().equals(name)) {
      return "the data directory belongs to the node "
          + joined.name()
          + ", the configuration names"
          + " it "
          + name
          + "; a node keeps its name";
    }
    MemberAddress known = joined.self().address();
    MemberAddress own =
        members.stream().filter(member -> member.name().equals(name)).findFirst().orElse(known);
    if (!joins && !own.equals(known)) {
      return "the configuration has the member "
          + shown(List.of(own))
          + ", but the cluster "
          + joined.clusterId()
          + " knows it as "
          + shown(List.of(known))
          + "; a node keeps its addresses: put the old ones back";
    }
    if (asked != null && asked.toMillis() != joined.blockRangeMs()) {
      return "min-block-duration is "
          + PrometheusDuration.format(asked)
          + ", but the cluster came into being with "
          + PrometheusDuration.format(Duration.ofMillis(joined.blockRangeMs()))
          + ", which stays; leave it out or give that";
    }
    return "";
  }

  private static String shown(List<MemberAddress> members) {
    return members.stream()
        .map(m -> m.name() + " (" + m.http() + ", " + m.raft() + ")")
        .toList()
        .toString();
  }
}

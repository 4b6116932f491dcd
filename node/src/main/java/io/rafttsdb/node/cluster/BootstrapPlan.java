package io.rafttsdb.node.cluster;

import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.node.config.NodeConfig;
import io.rafttsdb.node.config.PrometheusDuration;
import io.rafttsdb.storage.model.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The cluster that a node's configuration describes, before there is one.
 *
 * @param name this node
 * @param members all nodes; the first one coordinates
 */
record BootstrapPlan(String name, List<MemberAddress> members, long blockRangeMs) {

  BootstrapPlan {
    members = List.copyOf(members);
  }

  static BootstrapPlan of(NodeConfig config) {
    Duration asked = config.blockRange();
    return new BootstrapPlan(
        config.name(),
        config.members(),
        asked == null ? Settings.BLOCK_RANGE_DEFAULT_MS : asked.toMillis());
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
   * does. The order of members means nothing any more.
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
          + "; names are fixed when the cluster comes into being";
    }
    for (MemberAddress member : members) {
      MemberAddress known = joined.member(member.name()).map(ClusterMember::address).orElse(null);
      if (!Objects.equals(member, known)) {
        return "the configuration has the member "
            + shown(List.of(member))
            + ", but the cluster "
            + joined.clusterId()
            + (known == null
                ? " has no member of that name"
                : " knows it as " + shown(List.of(known)))
            + "; names and addresses are fixed when the cluster comes into being: put the old ones"
            + " back";
      }
    }
    if (members.size() != joined.members().size()) {
      return "the configuration lists "
          + members.size()
          + " members, but the cluster "
          + joined.clusterId()
          + " has "
          + shown(joined.members().stream().map(ClusterMember::address).toList())
          + "; list them all";
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

package io.rafttsdb.node.cluster;

import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.node.config.NodeConfig;
import java.util.List;

/**
 * The cluster that a node's configuration describes, before there is one.
 *
 * @param name this node
 * @param members all nodes; the first one coordinates
 * @param joins whether the node waits to be added to a cluster, and brings none into being
 */
record BootstrapPlan(String name, List<MemberAddress> members, ClusterShape shape, boolean joins) {

  /** The plan of a founder. */
  BootstrapPlan(String name, List<MemberAddress> members, ClusterShape shape) {
    this(name, members, shape, false);
  }

  BootstrapPlan {
    members = List.copyOf(members);
  }

  static BootstrapPlan of(NodeConfig config) {
    return new BootstrapPlan(
        config.name(), config.members(), ClusterShape.of(config), config.join());
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
    return shape.disagreement(request.shape());
  }

  /**
   * Why the configuration does not fit the cluster that the directory belongs to; empty where it
   * does. What it says of other members means nothing any more.
   */
  String disagreement(Identity.Joined joined, NodeConfig config) {
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
    return joined.shape().refusal(config);
  }

  private static String shown(List<MemberAddress> members) {
    return members.stream()
        .map(m -> m.name() + " (" + m.http() + ", " + m.raft() + ")")
        .toList()
        .toString();
  }
}

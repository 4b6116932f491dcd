package io.rafttsdb.node.members;

import io.rafttsdb.node.config.Address;
import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.node.config.NodeConfig;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.Membership;
import java.util.List;

/** Whether a node may become a member, by who is one. Decides; does nothing. */
final class JoinRules {

  private JoinRules() {}

  /**
   * Why a new name can't be added; empty where it can.
   *
   * @param incarnation under which the node comes
   */
  static String addRefusal(Membership now, MemberAddress node, String incarnation) {
    for (Member member : now.named(node.name())) {
      if (now.isVoter(member) && !member.incarnation().equals(incarnation)) {
        return "the cluster has a member "
            + node.name()
            + ", and the node at "
            + node.http()
            + " is not it; if that member is lost, replace it";
      }
    }
    long others = now.voters().stream().filter(v -> !v.name().equals(node.name())).count();
    if (others >= NodeConfig.MEMBERS_MAX) {
      return "the cluster has " + others + " members, at most " + NodeConfig.MEMBERS_MAX;
    }
    return addressRefusal(now, node);
  }

  /** Why a node can't take an address; empty where it can. */
  static String addressRefusal(Membership now, MemberAddress node) {
    List<String> own = List.of(node.http().toString(), node.raft().toString());
    for (Member member : now.all()) {
      if (member.name().equals(node.name())) {
        continue;
      }
      if (own.contains(member.httpAddress()) || own.contains(member.raftAddress())) {
        return "the member "
            + member.name()
            + " has one of the addresses "
            + own
            + " already: "
            + member.httpAddress()
            + ", "
            + member.raftAddress();
      }
      if (isLoopback(member.raftAddress()) != isLoopback(node.raft().toString())) {
        return "the member "
            + member.name()
            + " is known as "
            + member.raftAddress()
            + ", the new one as "
            + node.raft()
            + ": one of them is on loopback, where only the machine itself reaches it";
      }
    }
    if (node.http().isWildcard() || node.raft().isWildcard()) {
      return "no other node can reach " + own + "; give a host name or number";
    }
    return "";
  }

  private static boolean isLoopback(String address) {
    String host = Address.parse(address).host();
    return host.startsWith("127.") || host.equals("::1") || host.equals("localhost");
  }
}

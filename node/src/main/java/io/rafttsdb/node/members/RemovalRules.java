package io.rafttsdb.node.members;

import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.Membership;
import java.util.List;
import java.util.Set;

/** Whether a voter may go, by who would be left. Decides; does nothing. */
final class RemovalRules {

  private RemovalRules() {}

  /**
   * Why a voter can't go; empty where it can.
   *
   * @param answering ids of the voters that answer the leader, the leader's own among them
   * @param forced whether it may go although those who are left would be no majority
   */
  static String refusal(Membership now, Member leaving, Set<String> answering, boolean forced) {
    List<Member> left =
        now.voters().stream().filter(voter -> !voter.id().equals(leaving.id())).toList();
    if (left.isEmpty()) {
      return leaving.name() + " is the last voter: stop it instead";
    }
    long alive = left.stream().filter(voter -> answering.contains(voter.id())).count();
    if (alive > left.size() / 2 || forced) {
      return "";
    }
    return "without "
        + leaving.name()
        + " the cluster has "
        + left.size()
        + " voters, of which "
        + alive
        + " answer"
        + (alive == 1 ? "s" : "")
        + ": no majority, and so no writes. Start or replace "
        + left.stream().filter(voter -> !answering.contains(voter.id())).map(Member::name).toList()
        + " first, or force it";
  }
}

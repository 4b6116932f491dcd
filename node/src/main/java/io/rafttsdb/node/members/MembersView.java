package io.rafttsdb.node.members;

import io.rafttsdb.node.cluster.Identity;
import io.rafttsdb.node.members.MembersReport.Line;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.MemberContact;
import io.rafttsdb.replica.Membership;
import io.rafttsdb.replica.ReplicaStatus;
import io.rafttsdb.replica.ShardReplica;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Puts together who belongs to the cluster and how they stand. */
final class MembersView {

  private final NodeProbe probe;

  MembersView(NodeProbe probe) {
    this.probe = probe;
  }

  /** What this node knows by itself, at once; of others only who they are. */
  MembersReport local(Identity.Joined identity, List<ShardReplica> shards, String change) {
    return report(identity, shards, change, Map.of());
  }

  /** With what each member says of itself; asks them all at a time. */
  MembersReport full(Identity.Joined identity, List<ShardReplica> shards, String change)
      throws InterruptedException {
    Map<Member, FutureTask<Optional<NodeProbe.State>>> answers = new LinkedHashMap<>();
    for (Member member : shards.getFirst().membership().present().all()) {
      var answer = new FutureTask<>(() -> probe.state(member.httpAddress()));
      answers.put(member, answer);
      Thread.ofVirtual().start(answer);
    }
    Map<String, Long> applied = new HashMap<>();
    for (Map.Entry<Member, FutureTask<Optional<NodeProbe.State>>> answer : answers.entrySet()) {
      Member member = answer.getKey();
      try {
        answer
            .getValue()
            .get()
            .filter(state -> state.incarnation().equals(member.incarnation()))
            .ifPresent(state -> applied.put(member.id(), state.appliedIndex()));
      } catch (ExecutionException e) {
        throw new IllegalStateException("asking " + member + " failed", e.getCause());
      }
    }
    return report(identity, shards, change, applied);
  }

  private static String following(List<ShardReplica> shards) {
    return ShardMembers.lagging(shards)
        .filter(shard -> shard.shard() > 0)
        .map(shard -> "shard " + shard.shard() + " follows the members of the first one")
        .orElse("");
  }

  private static MembersReport report(
      Identity.Joined identity,
      List<ShardReplica> shards,
      String change,
      Map<String, Long> applied) {
    ShardReplica replica = shards.getFirst();
    Membership present = replica.membership().present();
    ReplicaStatus status = replica.status();
    Map<String, MemberContact> contacts = replica.membership().contacts();
    String self = identity.self().name() + "-" + identity.self().incarnation();
    List<Line> lines = new ArrayList<>();
    for (Member member : present.all()) {
      boolean isSelf = member.id().equals(self);
      MemberContact contact = contacts.get(member.id());
      long appliedIndex =
          isSelf ? status.appliedIndex() : applied.getOrDefault(member.id(), MembersReport.UNKNOWN);
      boolean known = appliedIndex != MembersReport.UNKNOWN;
      lines.add(
          new Line(
              member,
              present.isVoter(member) ? "voter" : "listener",
              member.equals(status.leader()),
              isSelf
                  ? status.commitIndex()
                  : contact == null ? MembersReport.UNKNOWN : contact.commitIndex(),
              appliedIndex,
              known ? Math.max(0, status.commitIndex() - appliedIndex) : MembersReport.UNKNOWN,
              isSelf ? 0 : contact == null ? MembersReport.UNKNOWN : contact.silentMs()));
    }
    return new MembersReport(
        identity.clusterId().toString(),
        present.index(),
        ShardMembers.areSettled(shards),
        change.isEmpty() ? following(shards) : change,
        lines);
  }
}

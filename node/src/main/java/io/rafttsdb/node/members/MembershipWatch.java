package io.rafttsdb.node.members;

import io.rafttsdb.node.cluster.ClusterMember;
import io.rafttsdb.node.cluster.Identity;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.Membership;
import io.rafttsdb.replica.ShardReplica;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out whether this node still belongs to the cluster: when the leader says no, or is silent,
 * it asks the other members. One of them that knows a later, settled membership without this node
 * decides: such an entry is made only when a majority has the change.
 */
public final class MembershipWatch {

  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration SILENCE_MAX = Duration.ofSeconds(5);

  /** So long the other shards may take to follow the first one. */
  private static final Duration FOLLOW_MAX = Duration.ofMinutes(2);

  /** How it ended. */
  public enum End {
    /** The cluster has this node no more. */
    REMOVED,
    /** Raft has to be started again to take its part. */
    RESTART,
    /** The state was not that of the majority; the next start has the right one. */
    REPLACED,
    /** Raft has stopped, and nobody says that this node was removed. */
    STOPPED
  }

  private final NodeProbe probe;
  private final Identity.Joined identity;
  private final List<ShardReplica> shards;
  private final ShardReplica replica;
  private final String selfId;
  private boolean wasMember;

  /**
   * A watch.
   *
   * @param shards this node's replicas, in order; the first one's members are the cluster's
   */
  public MembershipWatch(HttpClient client, Identity.Joined identity, List<ShardReplica> shards) {
    this.probe = new NodeProbe(client);
    this.identity = identity;
    this.shards = List.copyOf(shards);
    this.replica = shards.getFirst();
    this.selfId = identity.name() + "-" + identity.self().incarnation();
    this.wasMember = identity.origin() == Identity.Origin.FOUNDED;
  }

  /** Blocks while the node is a member, or on its way to become one. */
  public End awaitEnd() throws InterruptedException {
    int stoppedRounds = 0;
    while (true) {
      Pause.of(PERIOD);
      if (shards.stream().anyMatch(ShardReplica::isReplaced)) {
        return End.REPLACED;
      }
      Membership own = replica.membership().present();
      boolean dismissed = replica.isDismissed();
      boolean waits = replica.isWaitingToBegin();
      wasMember |= dismissed || (own.index() != Membership.NO_ENTRY && own.contains(selfId));
      if (shards.stream().anyMatch(this::mustBeginAgain)) {
        return End.RESTART;
      }
      boolean silent = replica.membership().leaderSilenceMs() > SILENCE_MAX.toMillis();
      if ((dismissed || waits || silent) && wasMember && isRemoved(own)) {
        return End.REMOVED;
      }
      boolean isStopped = shards.stream().anyMatch(ShardReplica::isDismissed);
      stoppedRounds = isStopped ? stoppedRounds + 1 : 0;
      if (stoppedRounds > (shards.size() == 1 ? SILENCE_MAX : FOLLOW_MAX).toSeconds()) {
        return End.STOPPED;
      }
    }
  }

  private boolean mustBeginAgain(ShardReplica shard) {
    return shard.isWaitingToBegin() && shard.membership().present().contains(selfId);
  }

  private boolean isRemoved(Membership own) throws InterruptedException {
    for (String http : others(own)) {
      Optional<MembersReport> report = probe.members(http);
      if (report.isPresent()
          && report.get().settled()
          && report.get().leavesOut(selfId, identity.clusterId(), own.index())) {
        return true;
      }
    }
    return false;
  }

  /** HTTP addresses of whoever was a member at some time. */
  private Set<String> others(Membership own) {
    Set<String> others = new LinkedHashSet<>();
    for (Member member : own.all()) {
      others.add(member.httpAddress());
    }
    for (ClusterMember member : identity.members()) {
      others.add(member.address().http().toString());
    }
    others.remove(identity.self().address().http().toString());
    return others;
  }
}

package io.rafttsdb.replica;

import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.SettingsChange;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftPeer;

/**
 * What one replica is and where it lives.
 *
 * @param clusterId drawn at bootstrap
 * @param shard which one this is a replica of, from 0
 * @param self this node, one of the members
 * @param listenAddress host:port on which this node listens for the others; the host may be a
 *     wildcard, unlike that of {@code self}, which is where the others reach it
 * @param members who the group was started with, as far as this node knows: the voters, or this
 *     node alone where it begins as a listener; a later configuration in the log wins
 * @param directory of the shard; holds raft/, snapshots/ and the commit mark
 * @param firstSettings what the first leader proposes; once there are settings, they rule
 * @param configured what of the settings this node's configuration names: a node that is alone
 *     takes it over when it starts
 * @param policy how this node works on its blocks
 * @param firstRole as what this node takes part before the log tells it
 * @param leaderLease whether this node, as the leader, answers reads for {@link
 *     ReplicaLimits#leaseMax} after a majority has last answered it, without asking again: right
 *     only where no member's steady clock runs a tenth faster than another's
 */
public record ReplicaConfig(
    UUID clusterId,
    int shard,
    Member self,
    String listenAddress,
    List<Member> members,
    Path directory,
    Settings firstSettings,
    SettingsChange configured,
    BlockPolicy policy,
    ReplicaLimits limits,
    FirstRole firstRole,
    boolean leaderLease) {

  /** As what a node begins; what the log says of it comes later and wins. */
  public enum FirstRole {
    /** One of those that the group was started with. */
    VOTER,
    /** Not counted until the others have made it a member and later a voter. */
    LISTENER
  }

  public ReplicaConfig {
    members = List.copyOf(members);
    UUID _ = ShardGroups.groupId(clusterId, shard);
    int _ = Member.portOf(listenAddress);
    Set<String> names = new HashSet<>();
    for (Member member : members) {
      if (!names.add(member.name())) {
        throw new IllegalArgumentException("member " + member.name() + " is there twice");
      }
    }
    if (!members.contains(self)) {
      throw new IllegalArgumentException(self + " is not among the members " + members);
    }
    if (firstRole == FirstRole.LISTENER && members.size() > 1) {
      throw new IllegalArgumentException("a listener begins alone, not with " + members);
    }
  }

  /** The members that the group was started with, as Ratis takes them. */
  List<RaftPeer> firstPeers() {
    if (firstRole == FirstRole.LISTENER) {
      return List.of(
          RaftPeer.newBuilder(self.peer()).setStartupRole(RaftPeerRole.LISTENER).build());
    }
    return members.stream().map(Member::peer).toList();
  }

  /** A replica of the first shard whose configuration names no settings. */
  public ReplicaConfig(
      UUID clusterId,
      Member self,
      String listenAddress,
      List<Member> members,
      Path directory,
      Settings firstSettings,
      BlockPolicy policy,
      ReplicaLimits limits,
      FirstRole firstRole) {
    this(
        clusterId,
        0,
        self,
        listenAddress,
        members,
        directory,
        firstSettings,
        SettingsChange.NONE,
        policy,
        limits,
        firstRole,
        false);
  }

  /** The Raft group of the shard's replicas. */
  public UUID groupId() {
    return ShardGroups.groupId(clusterId, shard);
  }

  /** What the replica's threads are called, before what each does. */
  String threadName() {
    return shard == 0 ? self.name() : self.name() + "-shard-" + shard;
  }

  /** Without brackets around an IPv6 number. */
  String listenHost() {
    String host = listenAddress.substring(0, listenAddress.lastIndexOf(':'));
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  int listenPort() {
    return Member.portOf(listenAddress);
  }

  /** Place of this node among the members, so that they do not all take snapshots at once. */
  int position() {
    return members.indexOf(self);
  }
}

package io.rafttsdb.replica;

import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.storage.model.Settings;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What one replica is and where it lives.
 *
 * @param clusterId drawn at bootstrap; the id of the Raft group
 * @param self this node, one of the members
 * @param listenAddress host:port on which this node listens for the others; the host may be a
 *     wildcard, unlike that of {@code self}, which is where the others reach it
 * @param members the voters that the group was started with; a later configuration in the log wins
 * @param directory of the shard; holds raft/, snapshots/ and the commit mark
 * @param firstSettings what the first leader proposes; once there are settings, they rule
 * @param policy how blocks are kept; the leader's counts
 */
public record ReplicaConfig(
    UUID clusterId,
    Member self,
    String listenAddress,
    List<Member> members,
    Path directory,
    Settings firstSettings,
    BlockPolicy policy,
    ReplicaLimits limits) {

  public ReplicaConfig {
    members = List.copyOf(members);
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

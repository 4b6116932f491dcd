package io.rafttsdb.node.cluster;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a data directory knows of its place in a cluster.
 *
 * <pre>
 *   Empty     -- prepare -->  Prepared   a fresh incarnation, for one attempt of the coordinator
 *   Prepared  -- prepare -->  Prepared   another attempt: another incarnation
 *   Prepared  -- decision --> Joined     the coordinator by itself; the others when they read its
 *                                        (or any member's) list with their own incarnation in it
 *   Empty, Prepared -- invitation --> Joined   added to a cluster that is there
 *   Joined    -- removal  -->  Removed   for good: only another, empty directory begins anew
 * </pre>
 *
 * <p>Only a joined node starts Raft. One that was added votes when the others have made it a voter.
 */
public sealed interface Identity {

  /** The node's name, as its configuration gave it. */
  String name();

  /** Nothing was ever promised from this directory. */
  record Empty(String name) implements Identity {}

  /**
   * Promised to one attempt of a bootstrap, not started.
   *
   * @param attempt the coordinator's own incarnation, which tells its attempts apart
   */
  record Prepared(String name, String incarnation, String attempt) implements Identity {}

  /**
   * A member of a cluster, for good.
   *
   * @param clusterId from which those of its Raft groups are derived
   * @param shape fixed with it
   * @param members of that moment, in the order of the configuration that it was made from; who
   *     belongs to the cluster now says its log
   */
  record Joined(
      UUID clusterId, String name, ClusterShape shape, List<ClusterMember> members, Origin origin)
      implements Identity {

    /** A founder. */
    Joined(UUID clusterId, String name, ClusterShape shape, List<ClusterMember> members) {
      this(clusterId, name, shape, members, Origin.FOUNDED);
    }

    public Joined {
      members = List.copyOf(members);
      if (find(members, name).isEmpty()) {
        throw new IllegalArgumentException(name + " is not among the members " + members);
      }
    }

    public ClusterMember self() {
      return member(name).orElseThrow();
    }

    public Optional<ClusterMember> member(String memberName) {
      return find(members, memberName);
    }

    /** The same cluster as one of its other members knows it. */
    Joined seenBy(String memberName) {
      return new Joined(clusterId, memberName, shape, members);
    }

    private static Optional<ClusterMember> find(List<ClusterMember> members, String name) {
      return members.stream().filter(member -> member.name().equals(name)).findFirst();
    }
  }

  /** How a node came to its cluster. */
  enum Origin {
    /** It was one of those that brought the cluster into being. */
    FOUNDED,
    /** It was added to it later, by an operator. */
    ADDED
  }

  /**
   * No member any more. The directory still has what the node knew.
   *
   * @param incarnation under which the cluster had it
   */
  record Removed(UUID clusterId, String name, String incarnation) implements Identity {}
}

package io.rafttsdb.node.cluster;

import io.rafttsdb.node.config.MemberAddress;

/**
 * A member of a cluster that has come into being.
 *
 * @param incarnation random, drawn when the member's directory was empty: a node that lost its disk
 *     comes back with another one, as a stranger
 */
public record ClusterMember(MemberAddress address, String incarnation) {
  public ClusterMember {
    if (!incarnation.matches("[0-9a-f]{16}")) {
      throw new IllegalArgumentException(
          "incarnation \"" + incarnation + "\" of " + address.name() + ", expected 16 hex digits");
    }
  }

  public String name() {
    return address.name();
  }
}

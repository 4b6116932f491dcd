package io.rafttsdb.node.cluster;

import io.rafttsdb.node.cluster.CheckedText.Malformed;
import io.rafttsdb.node.config.MemberAddress;
import java.util.List;
import java.util.UUID;

/**
 * What a leader sends to a node that waits to be added.
 *
 * @param shape of the cluster
 * @param node whom it is for, and where the others reach it
 * @param members who belongs to the cluster already
 */
public record Invitation(
    UUID clusterId, ClusterShape shape, MemberAddress node, List<ClusterMember> members) {

  private static final String KIND = "invitation";

  public Invitation {
    members = List.copyOf(members);
  }

  byte[] encode() {
    CheckedText text =
        shape
            .in(new CheckedText(KIND).with("cluster", clusterId))
            .with("node", IdentityText.addressLine(node));
    members.forEach(member -> text.with("member", IdentityText.memberLine(member)));
    return text.toBytes();
  }

  static Invitation decode(byte[] bytes) throws Malformed {
    CheckedText text = CheckedText.parse(KIND, bytes);
    MemberAddress node = IdentityText.addressOf(text.one("node"));
    try {
      return new Invitation(
          UUID.fromString(text.one("cluster")),
          ClusterShape.from(text),
          node,
          IdentityText.members(text));
    } catch (IllegalArgumentException e) {
      throw new Malformed(String.valueOf(e.getMessage()), e);
    }
  }
}

package io.rafttsdb.node.cluster;

import io.rafttsdb.node.cluster.CheckedText.Malformed;
import io.rafttsdb.node.config.MemberAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What the coordinator of a bootstrap asks of each member: a fresh incarnation, kept for this
 * attempt.
 *
 * @param attempt the coordinator's incarnation
 * @param members the list of its configuration; the first one is the coordinator
 * @param shape what the cluster shall have
 */
record PrepareRequest(String attempt, List<MemberAddress> members, ClusterShape shape) {

  private static final String KIND = "prepare";

  PrepareRequest {
    members = List.copyOf(members);
  }

  byte[] encode() {
    CheckedText text = shape.in(new CheckedText(KIND).with("attempt", attempt));
    for (MemberAddress member : members) {
      text.with("member", IdentityText.addressLine(member));
    }
    return text.toBytes();
  }

  static PrepareRequest decode(byte[] bytes) throws Malformed {
    CheckedText text = CheckedText.parse(KIND, bytes);
    List<MemberAddress> members = new ArrayList<>();
    for (String line : text.all("member")) {
      members.add(IdentityText.addressOf(line));
    }
    return new PrepareRequest(text.one("attempt"), members, ClusterShape.from(text));
  }
}

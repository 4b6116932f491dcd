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
 * @param blockRangeMs what the cluster's blocks shall have
 */
record PrepareRequest(String attempt, List<MemberAddress> members, long blockRangeMs) {

  private static final String KIND = "prepare";

  PrepareRequest {
    members = List.copyOf(members);
  }

  byte[] encode() {
    CheckedText text =
        new CheckedText(KIND).with("attempt", attempt).with("block-range-ms", blockRangeMs);
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
    try {
      return new PrepareRequest(
          text.one("attempt"), members, Long.parseLong(text.one("block-range-ms")));
    } catch (NumberFormatException e) {
      throw new Malformed("has no number as block-range-ms", e);
    }
  }
}

package io.rafttsdb.node.cluster;

import io.rafttsdb.node.cluster.CheckedText.Malformed;
import io.rafttsdb.node.config.Address;
import io.rafttsdb.node.config.MemberAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Identities as {@link CheckedText}: on disk, and as a node tells its own to another. */
final class IdentityText {

  private static final String KIND = "identity";
  private static final String ADDED = "added";

  private IdentityText() {}

  static byte[] encode(Identity identity) {
    CheckedText text = new CheckedText(KIND);
    switch (identity) {
      case Identity.Empty empty -> text.with("state", "empty").with("name", empty.name());
      case Identity.Prepared prepared ->
          text.with("state", "prepared")
              .with("name", prepared.name())
              .with("incarnation", prepared.incarnation())
              .with("attempt", prepared.attempt());
      case Identity.Joined joined -> {
        joined
            .shape()
            .in(
                text.with("state", "joined")
                    .with("name", joined.name())
                    .with("cluster", joined.clusterId()));
        for (ClusterMember member : joined.members()) {
          text.with("member", memberLine(member));
        }
        if (joined.origin() == Identity.Origin.ADDED) {
          text.with("origin", ADDED);
        }
      }
      case Identity.Removed removed ->
          text.with("state", "removed")
              .with("name", removed.name())
              .with("cluster", removed.clusterId())
              .with("incarnation", removed.incarnation());
    }
    return text.toBytes();
  }

  static Identity decode(byte[] bytes) throws Malformed {
    CheckedText text = CheckedText.parse(KIND, bytes);
    String name = text.one("name");
    String state = text.one("state");
    try {
      return switch (state) {
        case "empty" -> new Identity.Empty(name);
        case "prepared" ->
            new Identity.Prepared(name, text.one("incarnation"), text.one("attempt"));
        case "joined" ->
            new Identity.Joined(
                UUID.fromString(text.one("cluster")),
                name,
                ClusterShape.from(text),
                members(text),
                origin(text));
        case "removed" ->
            new Identity.Removed(
                UUID.fromString(text.one("cluster")), name, text.one("incarnation"));
        default ->
            throw new Malformed(
                "has the state \"" + state + "\", expected empty, prepared, joined or removed");
      };
    } catch (IllegalArgumentException e) {
      throw new Malformed(String.valueOf(e.getMessage()), e);
    }
  }

  /** Founders have no such field. */
  private static Identity.Origin origin(CheckedText text) throws Malformed {
    List<String> origins = text.all("origin");
    if (origins.isEmpty()) {
      return Identity.Origin.FOUNDED;
    }
    if (!origins.equals(List.of(ADDED))) {
      throw new Malformed("has the origin " + origins + ", expected " + ADDED);
    }
    return Identity.Origin.ADDED;
  }

  static List<ClusterMember> members(CheckedText text) throws Malformed {
    List<ClusterMember> members = new ArrayList<>();
    for (String line : text.all("member")) {
      int blank = line.indexOf(' ');
      if (blank < 0) {
        throw new Malformed("has the member \"" + line + "\", expected incarnation and address");
      }
      members.add(
          new ClusterMember(addressOf(line.substring(blank + 1)), line.substring(0, blank)));
    }
    return members;
  }

  /** {@code incarnation name http raft}. */
  static String memberLine(ClusterMember member) {
    return member.incarnation() + " " + addressLine(member.address());
  }

  /** {@code name http raft}. */
  static String addressLine(MemberAddress member) {
    return member.name() + " " + member.http() + " " + member.raft();
  }

  static MemberAddress addressOf(String line) throws Malformed {
    String[] parts = line.split(" ", -1);
    if (parts.length != 3) {
      throw new Malformed("has the member \"" + line + "\", expected name, HTTP and Raft address");
    }
    try {
      return new MemberAddress(parts[0], Address.parse(parts[1]), Address.parse(parts[2]));
    } catch (IllegalArgumentException e) {
      throw new Malformed(String.valueOf(e.getMessage()), e);
    }
  }
}

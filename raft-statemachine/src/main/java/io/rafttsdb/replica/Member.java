package io.rafttsdb.replica;

import java.util.Comparator;
import java.util.regex.Pattern;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * A member of the cluster. A node that lost its disk has the same name but another incarnation, so
 * that Ratis takes it for the stranger that it is.
 *
 * @param name chosen by the operator
 * @param incarnation drawn when the node was given its empty directory; lower-case letters, digits
 * @param raftAddress host:port for the traffic between the nodes
 * @param httpAddress host:port for users and forwarded writes
 */
public record Member(String name, String incarnation, String raftAddress, String httpAddress) {
  static final Comparator<Member> BY_NAME =
      Comparator.comparing(Member::name).thenComparing(Member::incarnation);

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Pattern INCARNATION = Pattern.compile("[a-z0-9]{1,32}");

  public Member {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "member name \"" + name + "\", expected up to 63 letters, digits, dots, dashes");
    }
    if (!INCARNATION.matcher(incarnation).matches()) {
      throw new IllegalArgumentException(
          "incarnation \"" + incarnation + "\", expected up to 32 lower-case letters and digits");
    }
    portOf(raftAddress);
    portOf(httpAddress);
  }

  /** Identity in the Raft group: {@code name-incarnation}. */
  public String id() {
    return name + "-" + incarnation;
  }

  RaftPeerId peerId() {
    return RaftPeerId.valueOf(id());
  }

  /** The HTTP address travels as the address for clients, which Ratis itself uses for nothing. */
  RaftPeer peer() {
    return RaftPeer.newBuilder()
        .setId(peerId())
        .setAddress(raftAddress)
        .setClientAddress(httpAddress)
        .build();
  }

  static Member of(RaftPeer peer) {
    return of(peer.getId().toString(), peer.getAddress(), peer.getClientAddress());
  }

  static Member of(String id, String raftAddress, String httpAddress) {
    int dash = id.lastIndexOf('-');
    if (dash < 0) {
      throw new IllegalArgumentException("peer id \"" + id + "\", expected name-incarnation");
    }
    return new Member(id.substring(0, dash), id.substring(dash + 1), raftAddress, httpAddress);
  }

  /** The port of {@code host:port}. */
  static int portOf(String address) {
    int colon = address.lastIndexOf(':');
    try {
      int port = Integer.parseInt(address.substring(colon + 1));
      if (colon > 0 && port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("address \"" + address + "\", expected host:port", e);
    }
    throw new IllegalArgumentException("address \"" + address + "\", expected host:port");
  }
}

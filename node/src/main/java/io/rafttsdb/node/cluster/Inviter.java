package io.rafttsdb.node.cluster;

import io.rafttsdb.node.cluster.Peers.PrepareAnswer;
import java.io.IOException;
import java.net.http.HttpClient;

/** Invites nodes into the cluster, over HTTP. */
public final class Inviter {

  /** A node that answers, and does not come. */
  public static final class Declined extends Exception {
    private static final long serialVersionUID = 1L;

    Declined(String reason) {
      super(reason);
    }
  }

  private final HttpPeers peers;

  public Inviter(HttpClient client) {
    this.peers = new HttpPeers(client);
  }

  /**
   * Makes a node a part of the cluster, as far as the node is concerned: it starts Raft as a
   * stranger. A node that is one already says the same again.
   *
   * @return the incarnation under which it comes
   * @throws IOException where it does not answer
   */
  public String invite(Invitation invitation) throws IOException, Declined, InterruptedException {
    return switch (peers.invite(invitation)) {
      case PrepareAnswer.Ready(String incarnation) -> incarnation;
      case PrepareAnswer.Refused(String reason) -> throw new Declined(reason);
    };
  }
}

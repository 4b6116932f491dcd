package io.rafttsdb.node.cluster;

import io.rafttsdb.node.config.MemberAddress;
import java.io.IOException;

/** How a node asks the others during the bootstrap. */
interface Peers {

  /**
   * What another node is.
   *
   * @throws IOException where it does not answer; the message says how
   */
  Identity identityOf(MemberAddress member) throws IOException, InterruptedException;

  /** Asks another node to prepare. */
  PrepareAnswer prepare(MemberAddress member, PrepareRequest request)
      throws IOException, InterruptedException;

  /** What a member answers a coordinator. */
  sealed interface PrepareAnswer {

    /** Empty until now, and prepared for this attempt on its disk. */
    record Ready(String incarnation) implements PrepareAnswer {}

    /** Not able to; the reason is for a person. */
    record Refused(String reason) implements PrepareAnswer {}
  }
}

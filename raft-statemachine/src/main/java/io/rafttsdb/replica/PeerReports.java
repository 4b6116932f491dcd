package io.rafttsdb.replica;

import io.rafttsdb.replica.check.CheckReport;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.util.Map;

/**
 * Where a node learns what others have built, and which state they have. Called on threads that may
 * be interrupted.
 */
public interface PeerReports {

  /**
   * The highest cluster version that a node knows.
   *
   * @throws IOException where it does not say
   */
  default int knownVersion(Member peer) throws IOException, InterruptedException {
    throw new IOException(peer.name() + " does not say which versions it knows");
  }

  /**
   * What a node found of the blocks that it waits for, as {@link ShardReplica#builtBlocks} says.
   *
   * @throws IOException where it does not answer
   */
  Map<Ulid, BlockFacts> builtBlocks(Member peer) throws IOException, InterruptedException;

  /**
   * Hashes of a node's state after the last Freeze entries, as {@link ShardReplica#checkReport}
   * says.
   *
   * @throws IOException where it does not answer
   */
  CheckReport checkReport(Member peer) throws IOException, InterruptedException;
}

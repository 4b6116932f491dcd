package io.rafttsdb.replica;

import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.util.Map;

/**
 * Where the leader learns what other nodes have built. Called on threads that may be interrupted.
 */
@FunctionalInterface
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
}

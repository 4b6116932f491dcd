package io.rafttsdb.replica.duty;

import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;

/** Gets a block that this node lacks and can't build from another node. */
@FunctionalInterface
public interface BlockFetcher {

  /** There is no other node. */
  BlockFetcher NONE = (ulid, facts) -> false;

  /**
   * Fetches a block, checks it against its facts, and opens it among this node's blocks.
   *
   * @return false where no node has it now
   */
  boolean fetch(Ulid ulid, BlockFacts facts) throws IOException, InterruptedException;
}

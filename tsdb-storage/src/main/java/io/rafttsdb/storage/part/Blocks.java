package io.rafttsdb.storage.part;

import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.Lease;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.util.Optional;

/** The blocks that can be read here: a {@link PartStore}, or none where there is no directory. */
@FunctionalInterface
public interface Blocks {

  /** An engine without a data directory. */
  Blocks NONE = ulid -> Optional.empty();

  /** The right to read a block; empty where it is not here. */
  Optional<Lease> acquire(Ulid ulid);

  /**
   * Hears that a query could not read a block that it held: who keeps the blocks looks after it.
   */
  default void unreadable(Block block, IOException problem) {}
}

package io.rafttsdb.storage.block;

import io.rafttsdb.storage.file.Leases;
import java.util.concurrent.atomic.AtomicBoolean;

/** A lease of a block that gives itself back once. On any thread. */
final class BlockLease implements Lease {

  private final Block block;
  private final Leases leases;
  private final AtomicBoolean ended = new AtomicBoolean();

  /**
   * @param leases of the block, from which one was taken
   */
  BlockLease(Block block, Leases leases) {
    this.block = block;
    this.leases = leases;
  }

  @Override
  public Block block() {
    return block;
  }

  @Override
  public void close() {
    if (ended.compareAndSet(false, true)) {
      leases.release();
    }
  }
}

package io.rafttsdb.storage.block;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts who reads a thing that is to be given up once it was closed and nobody reads it any more.
 * On any thread.
 *
 * <pre>
 *   state            acquire     release                close
 *   open, n leases   n + 1       n - 1                  closed, n leases (give up if n = 0)
 *   closed, n > 0    refused     n - 1, give up at 0    nothing
 *   given up         refused     (can't be)             nothing
 * </pre>
 */
final class Leases {

  private static final long CLOSED = 1L << 62;

  private final AtomicLong state = new AtomicLong();
  private final Runnable giveUp;

  /**
   * @param giveUp run once, by whoever leaves last
   */
  Leases(Runnable giveUp) {
    this.giveUp = giveUp;
  }

  /** Takes a lease; false once it was closed. */
  boolean acquire() {
    long present;
    do {
      present = state.get();
      if ((present & CLOSED) != 0) {
        return false;
      }
    } while (!state.compareAndSet(present, present + 1));
    return true;
  }

  /** Gives a lease back, once for each that was taken. */
  void release() {
    if (state.decrementAndGet() == CLOSED) {
      giveUp.run();
    }
  }

  /** Refuses leases from now on. */
  void close() {
    long before = state.getAndUpdate(present -> present | CLOSED);
    if (before == 0) {
      giveUp.run();
    }
  }

  /** A lease of a block that gives itself back once. */
  static final class OfBlock implements Lease {
    private final Block block;
    private final Leases leases;
    private final AtomicBoolean ended = new AtomicBoolean();

    OfBlock(Block block, Leases leases) {
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
}

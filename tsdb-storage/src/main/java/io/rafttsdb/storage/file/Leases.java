package io.rafttsdb.storage.file;

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
public final class Leases {

  private static final long CLOSED = 1L << 62;

  private final AtomicLong state = new AtomicLong();
  private final Runnable giveUp;

  /**
   * @param giveUp run once, by whoever leaves last
   */
  public Leases(Runnable giveUp) {
    this.giveUp = giveUp;
  }

  /** Takes a lease; false once it was closed. */
  public boolean acquire() {
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
  public void release() {
    if (state.decrementAndGet() == CLOSED) {
      giveUp.run();
    }
  }

  /** Refuses leases from now on. */
  public void close() {
    long before = state.getAndUpdate(present -> present | CLOSED);
    if (before == 0) {
      giveUp.run();
    }
  }
}

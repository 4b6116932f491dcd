package io.rafttsdb.storage.spill;

import io.rafttsdb.storage.file.Leases;
import org.jspecify.annotations.Nullable;

/**
 * Puts off giving something up until everybody has left who may have seen it, whatever else he may
 * come to see meanwhile.
 *
 * <p>Who enters, enters the present epoch. To give something up ends that epoch and begins the next
 * one. An epoch that ended is over when nobody is in it any more and the one before it is over;
 * then what it ended with is given up. So whoever is in an epoch keeps all that is given up at its
 * end or later. Entering and leaving on any thread, {@link #retire} and {@link #close} by one at a
 * time.
 */
final class Epochs {

  private volatile @Nullable Epoch present = new Epoch();

  /** The time between two retirements. */
  static final class Epoch {
    private final Leases leases = new Leases(this::over);
    private Runnable giveUp = () -> {};
    private @Nullable Epoch next;

    private void over() {
      giveUp.run();
      if (next != null) {
        next.leave();
      }
    }

    /** For each who entered, once. */
    void leave() {
      leases.release();
    }

    private void end(Runnable atEnd, @Nullable Epoch after) {
      giveUp = atEnd;
      next = after;
      leases.close();
    }
  }

  /** Enters the present epoch; null once this was closed. */
  @Nullable Epoch enter() {
    while (true) {
      Epoch epoch = present;
      if (epoch == null || epoch.leases.acquire()) {
        return epoch;
      }
    }
  }

  /**
   * Gives something up, now or later, once, on this thread or on that of the last one to leave.
   * Nobody finds it any more who enters after this was called.
   */
  void retire(Runnable giveUp) {
    Epoch ending = present;
    if (ending == null) {
      throw new IllegalStateException("something is retired after the close");
    }
    Epoch next = new Epoch();
    if (!next.leases.acquire()) {
      throw new IllegalStateException("an epoch ended before it began");
    }
    present = next;
    ending.end(giveUp, next);
  }

  /** Lets nobody in any more, and gives up the rest when the last one has left. */
  void close(Runnable giveUp) {
    Epoch ending = present;
    if (ending != null) {
      present = null;
      ending.end(giveUp, null);
    }
  }
}

package io.rafttsdb.replica;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds what this node pulls from others below a rate, all pulls together. What was not used is
 * saved up for {@link #SAVED_NANOS} at the most. Safe for any thread.
 */
final class PullRate {
  private static final long SAVED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final double nanosPerByte;
  private long nextNanos = System.nanoTime() - SAVED_NANOS; // when the bytes so far are paid for

  PullRate(long bytesPerSecond) {
    this.nanosPerByte = 1e9 / bytesPerSecond;
  }

  /** Waits until so many bytes more may be taken. */
  void await(int bytes) throws InterruptedException {
    long now = System.nanoTime();
    long untilNanos = now + reserve(bytes, now);
    for (long left = untilNanos - now; left > 0; left = untilNanos - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
      if (Thread.interrupted()) {
        throw new InterruptedException("while waiting for the rate of pulls");
      }
    }
  }

  /** How long to wait before taking so many bytes. */
  synchronized long reserve(int bytes, long nowNanos) {
    nextNanos = Math.max(nextNanos, nowNanos - SAVED_NANOS);
    long waitNanos = nextNanos - nowNanos;
    nextNanos += (long) (bytes * nanosPerByte);
    return waitNanos;
  }
}

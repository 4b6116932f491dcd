package io.rafttsdb.replica.duty;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds bytes below a rate: what is pulled from other nodes, read or written in the background.
 * What was not used is saved up for {@link #SAVED_NANOS} at the most. Safe for any thread.
 */
public final class ByteRate {
  private static final long SAVED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final double nanosPerByte;
  private long nextNanos = System.nanoTime() - SAVED_NANOS; // when the bytes so far are paid for

  public ByteRate(long bytesPerSecond) {
    this.nanosPerByte = 1e9 / bytesPerSecond;
  }

  /** Waits until so many bytes more may be taken. */
  public void await(long bytes) throws InterruptedException {
    long now = System.nanoTime();
    long untilNanos = now + reserve(bytes, now);
    for (long left = untilNanos - now; left > 0; left = untilNanos - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
      if (Thread.interrupted()) {
        throw new InterruptedException("while waiting for a rate of bytes");
      }
    }
  }

  /** How long to wait before taking so many bytes. */
  public synchronized long reserve(long bytes, long nowNanos) {
    nextNanos = Math.max(nextNanos, nowNanos - SAVED_NANOS);
    long waitNanos = nextNanos - nowNanos;
    nextNanos += (long) (bytes * nanosPerByte);
    return waitNanos;
  }
}

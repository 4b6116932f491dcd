package io.rafttsdb.replica.duty;

import io.rafttsdb.storage.compact.Pace;
import java.util.concurrent.TimeUnit;

/**
 * Bounds background reading and writing to a rate each, so that the log and the queries keep the
 * disk. For one thread.
 */
public final class BytePace implements Pace {

  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  private final double nanosPerByte;
  private long writeNanos = System.nanoTime();
  private long readNanos = writeNanos;

  public BytePace(long bytesPerSecond) {
    nanosPerByte = NANOS / bytesPerSecond;
  }

  @Override
  public void beforeWrite(int sizeBytes) throws InterruptedException {
    writeNanos = afterWaiting(writeNanos, sizeBytes);
  }

  /** Waits likewise before a read; an interrupt ends the waiting and stays set. */
  public void beforeRead(long sizeBytes) {
    try {
      readNanos = afterWaiting(readNanos, sizeBytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the read itself ends by it
    }
  }

  /** Waits until a time; the time at which so many bytes more will be through. */
  private long afterWaiting(long dueNanos, long sizeBytes) throws InterruptedException {
    long now = System.nanoTime();
    if (dueNanos - now > 0) {
      TimeUnit.NANOSECONDS.sleep(dueNanos - now);
      now = System.nanoTime();
    }
    return Math.max(dueNanos, now - (long) NANOS / 10) + (long) (sizeBytes * nanosPerByte);
  }
}

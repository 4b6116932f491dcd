package io.rafttsdb.replica.duty;

import io.rafttsdb.storage.compact.Pace;

/**
 * Bounds background reading and writing to a rate each, so that the log and the queries keep the
 * disk.
 */
public final class BytePace implements Pace {

  private final ByteRate writing;
  private final ByteRate reading;

  public BytePace(long bytesPerSecond) {
    writing = new ByteRate(bytesPerSecond);
    reading = new ByteRate(bytesPerSecond);
  }

  @Override
  public void beforeWrite(int sizeBytes) throws InterruptedException {
    writing.await(sizeBytes);
  }

  /** Waits likewise before a read; an interrupt ends the waiting and stays set. */
  public void beforeRead(long sizeBytes) {
    try {
      reading.await(sizeBytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the read itself ends by it
    }
  }
}

package io.rafttsdb.storage.compact;

/**
 * Bounds the rate of background writing: is asked before each piece is written, and returns when it
 * may be. So writing waits here for what is more important, such as the log on the same disk.
 */
@FunctionalInterface
public interface Pace {

  /** As fast as the disk takes it. */
  Pace UNBOUNDED = sizeBytes -> {};

  /**
   * Waits until so many bytes may be written.
   *
   * @throws InterruptedException to end the work, which leaves nothing behind
   */
  void beforeWrite(int sizeBytes) throws InterruptedException;
}

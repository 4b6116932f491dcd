package io.rafttsdb.storage.block;

/**
 * The right to read a block: its files stay mapped until the last lease is closed. Closing twice is
 * closing once. Any thread may close it.
 */
public interface Lease extends AutoCloseable {

  /** The block that may be read meanwhile. */
  Block block();

  @Override
  void close();
}

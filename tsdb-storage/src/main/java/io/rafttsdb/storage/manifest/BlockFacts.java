package io.rafttsdb.storage.manifest;

/**
 * What a majority found when it had built a block: the same on every sound node.
 *
 * @param checksum over index, chunks and canonical meta.json
 * @param sizeBytes of the files that the checksum covers
 */
public record BlockFacts(Digest checksum, long sizeBytes, long series, long chunks, long samples) {

  /**
   * Version of the code that builds blocks, raised whenever the same parts would give other bytes
   * than before. Entries that order a block bear it, and a program that knows another one stops
   * there, lest the replicas differ.
   */
  public static final int BUILDER_VERSION = 1;

  public BlockFacts {
    if (sizeBytes < 0 || series < 0 || chunks < 0 || samples < 0) {
      throw new IllegalArgumentException(
          "block of "
              + sizeBytes
              + " bytes, "
              + series
              + " series, "
              + chunks
              + " chunks, "
              + samples
              + " samples");
    }
  }

  /** Whether there is nothing in it, so that it is no block at all. */
  public boolean isEmpty() {
    return samples == 0;
  }
}

package io.rafttsdb.storage.manifest;

/**
 * What a majority found when it had built a block: the same on every sound node.
 *
 * @param checksum over index, chunks and canonical meta.json
 * @param sizeBytes of the files that the checksum covers
 */
public record BlockFacts(Digest checksum, long sizeBytes, long series, long chunks, long samples) {
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

package io.rafttsdb.storage.index;

/**
 * A chunk as an index knows it.
 *
 * @param minMs timestamp of its first sample
 * @param maxMs timestamp of its last sample
 * @param ref where it is: {@code (segment - 1) << 32 | offset in the segment}
 */
public record ChunkMeta(long minMs, long maxMs, long ref) {
  public ChunkMeta {
    if (minMs > maxMs) {
      throw new IllegalArgumentException("chunk from " + minMs + " to " + maxMs);
    }
  }
}

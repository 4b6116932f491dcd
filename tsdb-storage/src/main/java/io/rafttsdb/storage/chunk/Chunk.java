package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.SampleCursor;

/**
 * A whole chunk that is never written to again, as Prometheus stores it.
 *
 * @param minMs timestamp of its first sample
 * @param maxMs timestamp of its last sample
 * @param data the encoded samples, the count of samples in the first two bytes; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // handed through, compared by tests with care
public record Chunk(Encoding encoding, long minMs, long maxMs, byte[] data) {

  public Chunk {
    if (minMs > maxMs) {
      throw new IllegalArgumentException("chunk from " + minMs + " to " + maxMs);
    }
    if (data.length < 2) {
      throw new IllegalArgumentException("chunk of " + data.length + " bytes, expected 2 or more");
    }
  }

  /** Samples that it holds, by its own count. */
  public int sampleCount() {
    return (data[0] & 0xff) << 8 | (data[1] & 0xff);
  }

  /** Walks the samples. Bytes that are no samples give {@link CorruptChunk} when it gets there. */
  public SampleCursor samples() {
    return encoding.samples(data, sampleCount());
  }
}

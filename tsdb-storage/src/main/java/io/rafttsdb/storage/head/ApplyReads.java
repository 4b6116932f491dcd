package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.SampleCursor;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads full chunks for the apply thread, which looks there for repeats of samples older than the
 * open chunk: the one thing that it reads from disk. It keeps the bytes that it read last, as
 * repeats come in runs.
 *
 * <p>Owned by the apply thread.
 */
final class ApplyReads {

  private final ChunkStore chunks;
  private @Nullable HeadChunk last;
  private byte[] lastBytes = {};

  ApplyReads(ChunkStore chunks) {
    this.chunks = chunks;
  }

  /**
   * The first samples of a chunk of the Head.
   *
   * @throws UncheckedIOException where this node's disk does not give what it was given: no verdict
   *     can be given then, and this node has to end
   */
  SampleCursor read(long ref, HeadChunk chunk, int count) {
    byte[] memory = chunk.bytes();
    return chunk.encoding().samples(memory == null ? fromDisk(ref, chunk) : memory, count);
  }

  private byte[] fromDisk(long ref, HeadChunk chunk) {
    if (last != chunk) {
      try {
        lastBytes = chunks.bytes(ref, chunk);
        last = chunk;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return lastBytes;
  }
}

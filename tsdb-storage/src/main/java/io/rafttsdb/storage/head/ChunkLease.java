package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.spill.SpillLease;
import io.rafttsdb.storage.spill.SpilledChunk;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The right to read the chunks of a Head, in memory or on disk. It is taken before a state is
 * captured; then all chunks of that state, and of later ones, can be read until it is closed,
 * whatever is spilled or deleted meanwhile. Closing twice is closing once. On any thread.
 */
public final class ChunkLease implements AutoCloseable {

  /** Of a Head that has nothing on disk. */
  static final ChunkLease MEMORY = new ChunkLease(null);

  private final @Nullable SpillLease files;

  ChunkLease(@Nullable SpillLease files) {
    this.files = files;
  }

  /**
   * The bytes of a chunk; of an open one the array that grows.
   *
   * @param ref its series
   * @throws CorruptFile where it should be on disk and is not as it was
   * @throws IOException where it can't be read, or this was closed
   */
  byte[] bytes(long ref, HeadChunk chunk) throws IOException {
    byte[] memory = chunk.bytes();
    return memory == null ? read(ref, chunk) : memory;
  }

  private byte[] read(long ref, HeadChunk chunk) throws IOException {
    if (files == null) {
      throw new IllegalStateException("a chunk of series " + ref + " is on disk, without files");
    }
    SpilledChunk found = files.read(chunk.place());
    byte[] data = found.chunk().data();
    if (found.seriesRef() != ref
        || found.chunk().encoding() != chunk.encoding()
        || found.chunk().minMs() != chunk.minMs
        || found.chunk().maxMs() != chunk.closedMaxMs()
        || data.length != chunk.lengthBytes()
        || HeadChunk.checksum(data) != chunk.checksum()) {
      throw files.corrupt(
          chunk.place(),
          "a chunk of series " + ref + " from " + chunk.minMs + " to " + chunk.closedMaxMs(),
          "one of series "
              + found.seriesRef()
              + " from "
              + found.chunk().minMs()
              + " to "
              + found.chunk().maxMs());
    }
    return data;
  }

  @Override
  public void close() {
    if (files != null) {
      files.close();
    }
  }
}

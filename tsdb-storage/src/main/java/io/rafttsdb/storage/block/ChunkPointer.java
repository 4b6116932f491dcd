package io.rafttsdb.storage.block;

import io.rafttsdb.storage.chunk.Chunk;
import java.io.IOException;

/** Where a chunk is; its bytes are fetched when they are needed. */
public interface ChunkPointer {

  /** Timestamp of its first sample. */
  long minMs();

  /** Timestamp of its last sample. */
  long maxMs();

  /**
   * The chunk, its bytes copied and checked.
   *
   * @throws IOException where they can't be read, or are damaged ({@link
   *     io.rafttsdb.storage.model.CorruptFile})
   */
  Chunk load() throws IOException;
}

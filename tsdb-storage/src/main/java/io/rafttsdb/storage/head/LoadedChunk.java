package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.chunk.Chunk;

/** A chunk in memory. */
record LoadedChunk(Chunk load) implements ChunkPointer {
  @Override
  public long minMs() {
    return load.minMs();
  }

  @Override
  public long maxMs() {
    return load.maxMs();
  }
}

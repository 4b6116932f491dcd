package io.rafttsdb.storage.block;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.file.MappedFile;
import io.rafttsdb.storage.index.ChunkMeta;
import java.io.IOException;
import java.nio.file.Path;

/** A chunk of an open block. */
record BlockChunk(Path directory, SegmentReader segments, ChunkMeta meta) implements ChunkPointer {

  @Override
  public long minMs() {
    return meta.minMs();
  }

  @Override
  public long maxMs() {
    return meta.maxMs();
  }

  @Override
  public Chunk load() throws IOException {
    try {
      return segments.load(meta);
    } catch (InternalError e) {
      throw MappedFile.unreadable(directory, e);
    }
  }
}

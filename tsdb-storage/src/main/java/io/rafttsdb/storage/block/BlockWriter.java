package io.rafttsdb.storage.block;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Ulid;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/** Skeleton: signatures only. */
public final class BlockWriter implements Closeable {

  /** The version of the bytes written: the same input gives the same bytes within a version. */
  public static final int VERSION = 1;

  /** Largest chunk segment of Prometheus. */
  public static final long SEGMENT_BYTES_MAX = 512L << 20;

  public BlockWriter(Disk disk, Path blocks, Ulid ulid) throws IOException {
    this(disk, blocks, ulid, SEGMENT_BYTES_MAX);
  }

  public BlockWriter(Disk disk, Path blocks, Ulid ulid, long segmentBytesMax) throws IOException {}

  /** All label names and values, sorted bytewise, each once; first of all, once. */
  public void symbols(Iterator<String> sorted) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** The next series, ascending by labels, its chunks ascending and apart, at least one. */
  public void series(Labels labels, List<Chunk> chunks) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Publishes the block; a block without samples is not published, its meta is deletable. */
  public BlockMeta finish(long minMs, long endMs, BlockMeta.Compaction compaction)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() throws IOException {}
}

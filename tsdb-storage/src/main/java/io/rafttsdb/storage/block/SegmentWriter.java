package io.rafttsdb.storage.block;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskOutput;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Writes chunks into segment files, one after the other. For one thread. */
final class SegmentWriter implements Closeable {

  /** Length, encoding and checksum of a chunk, at most. */
  private static final int CHUNK_EXTRA_BYTES_MAX = 5 + 1 + Integer.BYTES;

  private final Disk disk;
  private final Path directory;
  private final long segmentBytesMax;
  private @Nullable DiskOutput out;
  private int number = -1;

  SegmentWriter(Disk disk, Path directory, long segmentBytesMax) {
    this.disk = disk;
    this.directory = directory;
    this.segmentBytesMax = segmentBytesMax;
  }

  /** Writes a chunk and returns its ref. */
  long write(Chunk chunk) throws IOException {
    byte[] data = chunk.data();
    if (data.length > BlockFormat.CHUNK_BYTES_MAX) {
      throw new IllegalArgumentException(
          "chunk of " + data.length + " bytes, expected at most " + BlockFormat.CHUNK_BYTES_MAX);
    }
    DiskOutput segment = segmentFor(data.length + CHUNK_EXTRA_BYTES_MAX);
    long ref = (long) number << 32 | segment.position();
    segment.putUvarint(data.length);
    segment.startChecksum();
    segment.putByte(chunk.encoding().code());
    segment.putBytes(data);
    segment.putChecksum();
    return ref;
  }

  private DiskOutput segmentFor(int sizeBytes) throws IOException {
    DiskOutput present = out;
    if (present != null
        && (present.position() + sizeBytes <= segmentBytesMax
            || present.position() == BlockFormat.SEGMENT_HEADER_BYTES)) {
      return present;
    }
    finish();
    number++;
    DiskOutput next = new DiskOutput(disk.create(directory.resolve(BlockFormat.segment(number))));
    out = next;
    next.putInt(BlockFormat.SEGMENT_MAGIC);
    next.putInt(BlockFormat.SEGMENT_VERSION << 24);
    return next;
  }

  /** Makes the present segment last; a next chunk would begin another. */
  void finish() throws IOException {
    DiskOutput present = out;
    if (present != null) {
      present.force();
      present.close();
      out = null;
    }
  }

  @Override
  public void close() throws IOException {
    DiskOutput present = out;
    out = null;
    if (present != null) {
      present.close();
    }
  }
}

package io.rafttsdb.storage.spill;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskOutput;
import io.rafttsdb.storage.file.ReadableFile;
import io.rafttsdb.storage.spill.SpillRecord.Mark;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Writes one file from its start to its end. After an error nothing more is written: what a disk
 * kept of a failed force can't be known. For one thread at a time.
 *
 * <pre>
 *   state      append           force         end
 *   forced     mark, appended   nothing       ended
 *   appended   appended         forced        forced, ended
 *   ended      (can't be)       (can't be)    (can't be)
 * </pre>
 */
final class SpillWriter implements Closeable {

  private static final int COPY_BYTES = 64 << 10;

  private final DiskOutput out;
  private long forcedBytes;

  private SpillWriter(DiskOutput out) {
    this.out = out;
  }

  /** Begins a file; its header and its name are forced before it returns. */
  static SpillWriter create(Disk disk, Path path, int number) throws IOException {
    SpillWriter writer = begin(disk, path, number);
    try {
      disk.forceDirectory(Objects.requireNonNull(path.getParent(), "directory of " + path));
      return writer;
    } catch (Throwable e) {
      writer.close();
      throw e;
    }
  }

  /** Begins a file whose name does not matter yet. */
  static SpillWriter begin(Disk disk, Path path, int number) throws IOException {
    SpillWriter writer = new SpillWriter(new DiskOutput(disk.create(path)));
    try {
      SpillRecord.putHeader(writer.out, number);
      writer.force();
      return writer;
    } catch (Throwable e) {
      writer.close();
      throw e;
    }
  }

  /** Length, with what was not forced yet. */
  long position() {
    return out.position();
  }

  long forcedBytes() {
    return forcedBytes;
  }

  /** Appends a chunk and returns the offset of its record. */
  long append(long seriesRef, Chunk chunk) throws IOException {
    if (forcedBytes == position() && forcedBytes > SpillFormat.HEADER_BYTES) {
      SpillRecord.put(out, Mark.FORCED);
    }
    long offset = position();
    SpillRecord.put(out, seriesRef, chunk);
    return offset;
  }

  /** Takes over the records of another file of the same number, up to a length. */
  void copy(ReadableFile file, long lengthBytes) throws IOException {
    byte[] window = new byte[COPY_BYTES];
    while (position() < lengthBytes) {
      int part = (int) Math.min(window.length, lengthBytes - position());
      file.read(position(), window, 0, part);
      out.putBytes(window, 0, part);
    }
  }

  /** Makes what was appended last. */
  void force() throws IOException {
    long end = position();
    if (forcedBytes < end) {
      out.force();
      forcedBytes = end;
    }
  }

  /** Makes all of it last, and then the sign that it did. */
  void end() throws IOException {
    force();
    SpillRecord.put(out, Mark.END);
    force();
    close();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}

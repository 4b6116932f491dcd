package io.rafttsdb.storage.file;

import io.rafttsdb.storage.model.CorruptFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A file that does not change any more, read anywhere. Bytes are copied out before anybody checks
 * or uses them. Mapped for queries, by a channel for the scrubber. On any thread unless it says
 * otherwise.
 */
public interface ReadableFile {

  Path path();

  /** Length that the file had when it was opened. */
  long sizeBytes();

  /**
   * Copies bytes out.
   *
   * @throws CorruptFile where the file ends before them
   * @throws IOException where they can't be read
   */
  void read(long offset, byte[] target, int at, int length) throws IOException;

  /** A copy of bytes. */
  default byte[] read(long offset, int length) throws IOException {
    checkRange(offset, length);
    byte[] bytes = new byte[length];
    read(offset, bytes, 0, length);
    return bytes;
  }

  /** Checks that the file has bytes, before memory for them is taken. */
  default void checkRange(long offset, long length) throws CorruptFile {
    if (offset < 0 || length < 0 || offset > sizeBytes() - length) {
      throw new CorruptFile(
          path(), offset, length + " bytes", "the end of the file at " + sizeBytes());
    }
  }
}

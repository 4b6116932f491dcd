package io.rafttsdb.storage.file;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file mapped into memory for as long as an arena lives.
 *
 * <p>Nothing looks at mapped memory but the copy in {@link #read}: where a page can't be read (a
 * bad sector, a file that was cut), the virtual machine turns the fault in a copy into an error
 * that can be caught, while a fault in a checksum over mapped memory ends the process. A copy after
 * the arena was closed is refused by it.
 */
public final class MappedFile implements ReadableFile {

  private final Path path;
  private final MemorySegment segment;

  private MappedFile(Path path, MemorySegment segment) {
    this.path = path;
    this.segment = segment;
  }

  /** Maps a file as long as it is now. */
  public static MappedFile map(Path path, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long sizeBytes = channel.size();
      return new MappedFile(path, channel.map(FileChannel.MapMode.READ_ONLY, 0, sizeBytes, arena));
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public long sizeBytes() {
    return segment.byteSize();
  }

  @Override
  public void read(long offset, byte[] target, int at, int length) throws IOException {
    checkRange(offset, length);
    try {
      MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, target, at, length);
    } catch (IllegalStateException e) {
      throw closed(e);
    } catch (InternalError e) {
      throw unreadable(path, e);
    }
  }

  private UsedAfterClose closed(IllegalStateException e) {
    UsedAfterClose closed = new UsedAfterClose(path.toString());
    closed.initCause(e);
    return closed;
  }

  /**
   * The error of a fault in mapped memory, as an error of the file. Compiled code may see it a few
   * instructions after the copy, so whoever reads mapped files catches it at its own border too.
   */
  public static IOException unreadable(Path path, InternalError fault) {
    return new IOException(path + " can't be read: the disk failed or the file was cut", fault);
  }
}

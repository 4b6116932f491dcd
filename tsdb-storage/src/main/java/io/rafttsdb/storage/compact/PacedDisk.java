package io.rafttsdb.storage.compact;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;

/**
 * A disk that is written to in small pieces, each when the {@link Pace} allows it, and forced every
 * few of them: what is written at once when a large file is forced is what the log has to wait for.
 *
 * <p>The end of the work, by the pace or by an interrupt of the thread, comes out of a write as an
 * {@link InterruptedIOException}; the thread is not interrupted any more then.
 */
final class PacedDisk implements Disk {

  /** The most that is written at once. */
  static final int PIECE_BYTES_MAX = 1 << 18;

  /** The most of a file that is written without being forced. */
  static final int UNFORCED_BYTES_MAX = 4 << 20;

  private final Disk disk;
  private final Pace pace;

  PacedDisk(Disk disk, Pace pace) {
    this.disk = disk;
    this.pace = pace;
  }

  @Override
  public DiskFile create(Path file) throws IOException {
    return new PacedFile(disk.create(file));
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    disk.createDirectory(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void link(Path existing, Path link) throws IOException {
    disk.link(existing, link);
  }

  @Override
  public void delete(Path path) throws IOException {
    disk.delete(path);
  }

  /** No interrupt ends it, which waits for the next write: what was renamed is to last. */
  @Override
  public void forceDirectory(Path directory) throws IOException {
    boolean wasInterrupted = false;
    try {
      while (true) {
        wasInterrupted |= Thread.interrupted();
        try {
          disk.forceDirectory(directory);
          return;
        } catch (ClosedByInterruptException e) {
          wasInterrupted = true;
        }
      }
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void await(int sizeBytes) throws InterruptedIOException {
    try {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while writing");
      }
      pace.beforeWrite(sizeBytes);
    } catch (InterruptedException e) {
      InterruptedIOException ended = new InterruptedIOException("ended before a write");
      ended.initCause(e);
      throw ended;
    }
  }

  private final class PacedFile implements DiskFile {
    private final DiskFile file;
    private long unforcedBytes;

    PacedFile(DiskFile file) {
      this.file = file;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      for (int done = 0; done < length; ) {
        int piece = Math.min(length - done, PIECE_BYTES_MAX);
        await(piece);
        file.write(bytes, offset + done, piece);
        done += piece;
        unforcedBytes += piece;
        if (unforcedBytes >= UNFORCED_BYTES_MAX) {
          force();
        }
      }
    }

    @Override
    public void overwrite(long position, byte[] bytes) throws IOException {
      await(bytes.length);
      file.overwrite(position, bytes);
    }

    @Override
    public long length() {
      return file.length();
    }

    @Override
    public void force() throws IOException {
      file.force();
      unforcedBytes = 0;
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}

package io.rafttsdb.storage.file;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A disk on which forcing is what a test wants it to be: nothing at all where nothing crashes, left
 * out in part where a test shall show that others see it, or failing.
 */
public final class ForgetfulDisk implements Disk {

  /** What is done in place of forcing a file. */
  public interface FileForce {
    void force(DiskFile file) throws IOException;
  }

  /** What is done in place of forcing a directory. */
  public interface DirectoryForce {
    void force(Path directory) throws IOException;
  }

  private final Disk disk;
  private final FileForce files;
  private final DirectoryForce directories;

  /** The disk of this machine without waiting for it. */
  public ForgetfulDisk() {
    this(new LocalDisk(), file -> {}, directory -> {});
  }

  public ForgetfulDisk(Disk disk, FileForce files, DirectoryForce directories) {
    this.disk = disk;
    this.files = files;
    this.directories = directories;
  }

  @Override
  public DiskFile create(Path file) throws IOException {
    DiskFile created = disk.create(file);
    return new DiskFile() {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        created.write(bytes, offset, length);
      }

      @Override
      public void overwrite(long position, byte[] bytes) throws IOException {
        created.overwrite(position, bytes);
      }

      @Override
      public long length() {
        return created.length();
      }

      @Override
      public void force() throws IOException {
        files.force(created);
      }

      @Override
      public void close() throws IOException {
        created.close();
      }
    };
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

  @Override
  public void forceDirectory(Path directory) throws IOException {
    directories.force(directory);
  }
}

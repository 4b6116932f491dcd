package io.rafttsdb.storage.file;

import java.io.IOException;
import java.nio.file.Path;

/** The disk of this machine without waiting for it: for tests in which nothing crashes. */
public final class ForgetfulDisk implements Disk {

  private final Disk disk = new LocalDisk();

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
      public void force() {}

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
  public void forceDirectory(Path directory) {}
}

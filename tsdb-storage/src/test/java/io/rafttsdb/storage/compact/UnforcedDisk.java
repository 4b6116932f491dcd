package io.rafttsdb.storage.compact;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskFile;
import io.rafttsdb.storage.file.LocalDisk;
import java.io.IOException;
import java.nio.file.Path;

/** The file system without its forces: for tests in which nothing crashes, and which are many. */
final class UnforcedDisk implements Disk {

  private final Disk disk = new LocalDisk();

  @Override
  public DiskFile create(Path file) throws IOException {
    return new Unforced(disk.create(file));
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

  private record Unforced(DiskFile file) implements DiskFile {
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      file.write(bytes, offset, length);
    }

    @Override
    public void overwrite(long position, byte[] bytes) throws IOException {
      file.overwrite(position, bytes);
    }

    @Override
    public long length() {
      return file.length();
    }

    @Override
    public void force() {}

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}

package io.rafttsdb.replica;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskFile;
import io.rafttsdb.storage.file.LocalDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.TreeSet;

/**
 * The disk of this machine, which takes a number of steps and then none any more, as when the
 * process is killed. It also watches that whatever is renamed is forced down to its last file, so
 * that a power loss never leaves a name with less behind it. For one thread.
 */
final class StoppingDisk implements Disk {

  /** The process is dead. */
  static final class Stopped extends IOException {
    private static final long serialVersionUID = 1;
  }

  private final Disk disk = new LocalDisk();
  private final TreeSet<Path> unforced = new TreeSet<>();
  private int stepsLeft;
  private int steps;

  StoppingDisk(int stepsMax) {
    this.stepsLeft = stepsMax;
  }

  /** Never stops. */
  static StoppingDisk never() {
    return new StoppingDisk(Integer.MAX_VALUE);
  }

  int steps() {
    return steps;
  }

  private void step() throws Stopped {
    if (stepsLeft == 0) {
      throw new Stopped();
    }
    stepsLeft--;
    steps++;
  }

  private void changed(Path path) {
    Path parent = path.getParent();
    if (parent != null) {
      unforced.add(parent);
    }
  }

  @Override
  public DiskFile create(Path path) throws IOException {
    step();
    DiskFile file = disk.create(path);
    changed(path);
    unforced.add(path);
    return new DiskFile() {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        step();
        unforced.add(path);
        file.write(bytes, offset, length);
      }

      @Override
      public void overwrite(long position, byte[] bytes) throws IOException {
        step();
        unforced.add(path);
        file.overwrite(position, bytes);
      }

      @Override
      public long length() {
        return file.length();
      }

      @Override
      public void force() throws IOException {
        step();
        unforced.remove(path);
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    step();
    disk.createDirectory(directory);
    changed(directory);
    unforced.add(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    step();
    for (Path path : unforced) {
      if (path.startsWith(from)) {
        throw new AssertionError(path + " is not forced, and " + from + " becomes " + to);
      }
    }
    disk.rename(from, to);
    changed(to);
  }

  @Override
  public void link(Path existing, Path link) throws IOException {
    step();
    if (unforced.contains(existing)) {
      throw new AssertionError(existing + " is not forced, and gets a second name");
    }
    disk.link(existing, link);
    changed(link);
  }

  @Override
  public void delete(Path path) throws IOException {
    step();
    disk.delete(path);
    unforced.removeIf(each -> each.startsWith(path));
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    step();
    unforced.remove(directory);
  }

  /** Whether everything that was done so far below a directory outlives a power loss. */
  boolean isAllForced(Path directory) {
    return unforced.stream().noneMatch(path -> path.startsWith(directory));
  }
}

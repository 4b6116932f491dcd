package io.rafttsdb.storage;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.head.ChunkStore;
import io.rafttsdb.storage.spill.SpillFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The directory to which a shard's full Head chunks go, so that the heap holds only open ones:
 * {@code chunks_head/<number>/}, one for each engine, as one may be loaded while another still
 * answers. What an engine has there ends with it, since it begins with the files of a snapshot, or
 * none; whatever a crash left is deleted when the next engine begins.
 *
 * <p>For any thread.
 */
public final class ChunksHead {

  private static final Pattern NUMBER = Pattern.compile("[1-9]\\d{0,8}");

  private final Disk disk;
  private final Path root;
  private final long fileBytesMax;
  private final Executor unmapper;

  /** Numbers of the engines that are open. Under this object's lock. */
  private final Set<Integer> open = new TreeSet<>();

  /**
   * A directory on the disk of this machine, which only this object uses.
   *
   * @param root is created in a directory that is there; on the file system of the snapshots
   * @param unmapper unmaps deleted files, for which all threads of the process stop for a moment
   */
  public ChunksHead(Path root, Executor unmapper) {
    this(new LocalDisk(), root, SpillFiles.FILE_BYTES, unmapper);
  }

  /**
   * A directory on any disk, which only this object uses.
   *
   * @param fileBytesMax length of a file after which another is begun
   * @param unmapper unmaps deleted files
   */
  public ChunksHead(Disk disk, Path root, long fileBytesMax, Executor unmapper) {
    this.disk = disk;
    this.root = root;
    this.fileBytesMax = fileBytesMax;
    this.unmapper = unmapper;
  }

  Disk disk() {
    return disk;
  }

  /** A store of an engine whose state names no chunk. */
  synchronized ChunkStore empty() throws IOException {
    return open(begin());
  }

  /**
   * A store with the files of a snapshot.
   *
   * @param linked the snapshot's directory of full chunks; where none is there, it has none
   * @throws io.rafttsdb.storage.model.CorruptFile where one of them is damaged at either end
   */
  synchronized ChunkStore restored(Path linked) throws IOException {
    int number = begin();
    if (Files.isDirectory(linked)) {
      SpillFiles.restore(disk, linked, directory(number));
    }
    return open(number);
  }

  private Path directory(int number) {
    return root.resolve(String.valueOf(number));
  }

  /** Makes a new directory, and deletes those that no engine has. */
  private int begin() throws IOException {
    if (!Files.isDirectory(root)) {
      disk.createDirectory(root);
    }
    int last = 0;
    for (int number : numbers()) {
      last = Math.max(last, number);
      if (!open.contains(number)) {
        disk.delete(directory(number));
      }
    }
    disk.createDirectory(directory(last + 1));
    return last + 1;
  }

  private Set<Integer> numbers() throws IOException {
    Set<Integer> numbers = new TreeSet<>();
    try (Stream<Path> entries = Files.list(root)) {
      entries
          .map(entry -> String.valueOf(entry.getFileName()))
          .filter(name -> NUMBER.matcher(name).matches())
          .forEach(name -> numbers.add(Integer.valueOf(name)));
    }
    return numbers;
  }

  private ChunkStore open(int number) throws IOException {
    SpillFiles.Opened opened = SpillFiles.open(disk, directory(number), fileBytesMax, unmapper);
    if (!opened.refused().isEmpty()) {
      opened.files().close();
      throw opened.refused().getFirst().reason();
    }
    open.add(number);
    return ChunkStore.of(opened.files(), () -> end(number));
  }

  private synchronized void end(int number) throws IOException {
    disk.delete(directory(number));
    open.remove(number);
  }
}

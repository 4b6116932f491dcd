package io.rafttsdb.storage;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.head.ChunkStore;
import io.rafttsdb.storage.spill.SpillFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;

/**
 * The directory to which a shard's full Head chunks go, so that the heap holds only open ones. It
 * belongs to one open {@link Tsdb} at a time.
 */
public final class ChunksHead {

  private final Disk disk;
  private final Path directory;
  private final long fileBytesMax;
  private final Executor unmapper;

  /**
   * A directory on the disk of this machine.
   *
   * @param directory is created in a directory that is there; the same file system as snapshots
   * @param unmapper unmaps deleted files, for which all threads of the process stop for a moment
   */
  public ChunksHead(Path directory, Executor unmapper) {
    this(new LocalDisk(), directory, SpillFiles.FILE_BYTES, unmapper);
  }

  /**
   * @param fileBytesMax length of a file after which another is begun
   */
  ChunksHead(Disk disk, Path directory, long fileBytesMax, Executor unmapper) {
    this.disk = disk;
    this.directory = directory;
    this.fileBytesMax = fileBytesMax;
    this.unmapper = unmapper;
  }

  Disk disk() {
    return disk;
  }

  /** Opens it for a state that names no chunk in it: empty, whatever was left there. */
  ChunkStore empty() throws IOException {
    create();
    SpillFiles.clear(disk, directory);
    return open();
  }

  /**
   * Opens it with the files of a snapshot, and no others: what came later comes again from the log.
   *
   * @param linked the snapshot's directory of full chunks; where none is there, it has none
   * @throws io.rafttsdb.storage.model.CorruptFile where one of them is damaged at either end
   */
  ChunkStore restored(Path linked) throws IOException {
    if (!Files.isDirectory(linked)) {
      return empty();
    }
    create();
    SpillFiles.restore(disk, linked, directory);
    return open();
  }

  private void create() throws IOException {
    if (!Files.isDirectory(directory)) {
      disk.createDirectory(directory);
      Path parent = directory.getParent();
      if (parent != null) {
        disk.forceDirectory(parent);
      }
    }
  }

  private ChunkStore open() throws IOException {
    SpillFiles.Opened opened = SpillFiles.open(disk, directory, fileBytesMax, unmapper);
    if (!opened.refused().isEmpty()) {
      opened.files().close();
      throw opened.refused().getFirst().reason();
    }
    return ChunkStore.of(opened.files());
  }
}

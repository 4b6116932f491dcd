package io.rafttsdb.storage.file;

import java.io.IOException;
import java.nio.file.Path;

/**
 * All that changes files: what is written here is on the disk for good only after the right force
 * calls, and a crash may keep or lose each change that was not forced. Reading does not go through
 * it. Two implementations: {@link LocalDisk}, and one in the tests that crashes.
 */
public interface Disk {

  /** Creates a file that must not be there, to be written from the start to the end. */
  DiskFile create(Path file) throws IOException;

  /** Creates a directory whose parent is there. */
  void createDirectory(Path directory) throws IOException;

  /**
   * Renames a file or directory atomically; a file takes the place of one that has the new name.
   * Lasting only after {@link #forceDirectory} of the parents.
   */
  void rename(Path from, Path to) throws IOException;

  /** Makes a second name for a file. Lasting only after {@link #forceDirectory} of its parent. */
  void link(Path existing, Path link) throws IOException;

  /** Deletes a file, or a directory with all that is in it; nothing happens where none is. */
  void delete(Path path) throws IOException;

  /** Makes the names in a directory last. */
  void forceDirectory(Path directory) throws IOException;
}

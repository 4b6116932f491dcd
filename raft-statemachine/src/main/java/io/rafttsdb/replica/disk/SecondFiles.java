package io.rafttsdb.replica.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Files of one directory in another one: second names on the same file system, else copies. */
public final class SecondFiles {

  private SecondFiles() {}

  /**
   * Makes a file in a directory as another directory has it.
   *
   * @param path of the file below both; directories on the way are made
   */
  public static void make(Path from, Path to, String path) throws IOException {
    Path file = from.resolve(path);
    Path made = to.resolve(path);
    Path parent = made.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createLink(made, file);
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.copy(file, made); // another file system
      try (FileChannel channel = FileChannel.open(made, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
  }
}

package io.rafttsdb.node.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Bytes that can still be written to where a node has its data. */
@FunctionalInterface
public interface FreeSpace {

  long bytes() throws IOException;

  /** That of the file system which a directory is on. */
  static FreeSpace of(Path directory) {
    return () -> Files.getFileStore(directory).getUsableSpace();
  }
}

package io.rafttsdb.replica.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Something that the log loses before Ratis opens it, because nothing of it was acknowledged or a
 * snapshot holds it.
 *
 * @param file the segment
 * @param keptBytes length that it keeps; 0: the file goes
 * @param firstIndex of the first entry that goes
 * @param reason for the operator's log
 */
public record LogRepair(Path file, long keptBytes, long firstIndex, String reason) {

  void run() throws IOException {
    if (keptBytes == 0) {
      Files.delete(file);
    } else {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(keptBytes);
        channel.force(true);
      }
    }
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      Fsync.directory(directory);
    }
  }

  @Override
  public String toString() {
    return (keptBytes == 0 ? "deleted " + file : "cut " + file + " to " + keptBytes + " bytes")
        + ", from index "
        + firstIndex
        + " on: "
        + reason;
  }
}

package io.rafttsdb.replica.disk;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Ratis's file with a node's term and vote, as org.apache.ratis.server.storage reads it. */
public final class RaftMeta {

  static final String FILE_NAME = "raft-meta";

  private RaftMeta() {}

  /**
   * Writes the file of a group that begins at a term, in which this node has voted for nobody.
   *
   * @param directory Ratis's {@code current} directory of the group; it is made
   */
  public static void begin(Path directory, long term) throws IOException {
    Files.createDirectories(directory);
    Path temporary = directory.resolve(FILE_NAME + ".new");
    Fsync.write(temporary, ("term=" + term + "\nvotedFor=\n").getBytes(ISO_8859_1));
    Fsync.publish(temporary, directory.resolve(FILE_NAME));
    for (Path above = directory; above != null; above = above.getParent()) {
      Fsync.directory(above);
      if (above.endsWith("raft")) {
        break;
      }
    }
  }
}

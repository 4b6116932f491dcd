package io.rafttsdb.replica.disk;

import io.rafttsdb.replica.disk.LogContents.Flaw;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Cuts a log off at its first bad record, and keeps what is cut off. */
public final class LogCut {

  private LogCut() {}

  /** Whether a log's directory has the node's term and vote. */
  public static boolean hasVote(Path directory) {
    return Files.exists(directory.resolve(RaftMeta.FILE_NAME));
  }

  /**
   * Cuts a log. Cut off in the middle it goes on when it is called again.
   *
   * @param contents how far the log can be read
   * @param aside gets the damaged segment as it was, and those after it; it is made
   */
  public static void after(Path directory, LogContents contents, Path aside) throws IOException {
    Flaw flaw = contents.flaw();
    if (flaw == null) {
      return; // it just ends before the mark
    }
    Files.createDirectories(aside);
    List<SegmentFile> segments = SegmentFile.list(directory);
    // The newest first, so that a log that is half cut still has its flaw.
    for (SegmentFile segment : segments.reversed()) {
      if (segment.startIndex() > contents.lastIndex() && !segment.path().equals(flaw.file())) {
        move(segment.path(), aside);
      }
    }
    for (SegmentFile segment : segments) {
      if (segment.path().equals(flaw.file())) {
        cut(segment, flaw, aside);
      }
    }
    Fsync.directory(aside);
    Fsync.directory(directory);
  }

  private static void cut(SegmentFile segment, Flaw flaw, Path aside) throws IOException {
    if (flaw.index() <= segment.startIndex()) {
      move(segment.path(), aside);
      return;
    }
    Path kept = aside.resolve(segment.path().getFileName());
    Files.copy(segment.path(), kept, StandardCopyOption.REPLACE_EXISTING);
    force(kept);
    Fsync.directory(aside);
    try (FileChannel channel = FileChannel.open(segment.path(), StandardOpenOption.WRITE)) {
      channel.truncate(flaw.offset());
      channel.force(true);
    }
    if (!segment.isOpen()) {
      String name = "log_" + segment.startIndex() + "-" + (flaw.index() - 1);
      Files.move(
          segment.path(), segment.path().resolveSibling(name), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void move(Path file, Path aside) throws IOException {
    Files.move(file, aside.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }
}

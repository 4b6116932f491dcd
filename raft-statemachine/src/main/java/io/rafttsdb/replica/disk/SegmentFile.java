package io.rafttsdb.replica.disk;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One file of Ratis's segmented log, known by its name.
 *
 * @param endIndex of the last entry; {@link #OPEN} while it is being written
 */
record SegmentFile(Path path, long startIndex, long endIndex) {

  /** End of a segment that has none yet. */
  static final long OPEN = -1;

  // Named as org.apache.ratis.server.raftlog.segmented.LogSegmentStartEnd does.
  private static final Pattern CLOSED_NAME = Pattern.compile("log_(\\d{1,18})-(\\d{1,18})");
  private static final Pattern OPEN_NAME = Pattern.compile("log_inprogress_(\\d{1,18})(?:\\..*)?");

  boolean isOpen() {
    return endIndex == OPEN;
  }

  /** The segments of a log directory in order; none where it does not exist. */
  static List<SegmentFile> list(Path directory) throws IOException {
    List<SegmentFile> segments = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return segments;
    }
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory, "log_*")) {
      for (Path path : paths) {
        String name = String.valueOf(path.getFileName());
        Matcher closed = CLOSED_NAME.matcher(name);
        Matcher open = OPEN_NAME.matcher(name);
        if (closed.matches()) {
          segments.add(
              new SegmentFile(
                  path, Long.parseLong(closed.group(1)), Long.parseLong(closed.group(2))));
        } else if (open.matches()) {
          segments.add(new SegmentFile(path, Long.parseLong(open.group(1)), OPEN));
        }
      }
    }
    segments.sort(Comparator.comparingLong(SegmentFile::startIndex));
    return segments;
  }
}

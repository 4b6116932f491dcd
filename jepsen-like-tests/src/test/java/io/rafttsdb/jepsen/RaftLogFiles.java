package io.rafttsdb.jepsen;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of a node's Raft log and the commit mark beside it, wherever in its data they are. */
record RaftLogFiles(Path data) {

  private static final Pattern SEGMENT = Pattern.compile("log_(?:inprogress_)?(\\d+)(?:-\\d+)?");
  private static final String COMMIT_MARK = "commit-mark";
  private static final int MARK_INDEX_OFFSET = 16;

  /** Index of the first entry that the log still has. */
  long firstIndex() throws IOException {
    return files().stream()
        .map(file -> SEGMENT.matcher(file.getFileName().toString()))
        .filter(Matcher::matches)
        .mapToLong(name -> Long.parseLong(name.group(1)))
        .min()
        .orElseThrow(() -> new IOException("no log segment in " + data));
  }

  /** Index of the last entry that a stopped node has. */
  long lastIndex() throws IOException {
    RaftLogFile open = RaftLogFile.open(data);
    if (!open.records().isEmpty()) {
      return open.records().getLast().index();
    }
    Matcher name = SEGMENT.matcher(open.path().getFileName().toString());
    if (!name.matches()) {
      throw new IOException(open.path() + " is not named as a segment");
    }
    return Long.parseLong(name.group(1)) - 1;
  }

  /** The segment that was written to last. */
  Path openSegment() throws IOException {
    return files().stream()
        .filter(file -> file.getFileName().toString().startsWith("log_inprogress_"))
        .max(Comparator.comparing(Path::toString))
        .orElseThrow(() -> new IOException("no open log segment in " + data));
  }

  /** Index up to which the node has noted on its disk that entries are committed; -1: none yet. */
  long commitMark() throws IOException {
    for (Path file : files()) {
      if (file.endsWith(COMMIT_MARK)) {
        return ByteBuffer.wrap(Files.readAllBytes(file)).getLong(MARK_INDEX_OFFSET);
      }
    }
    return -1;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> walk = Files.walk(data)) {
      return walk.filter(Files::isRegularFile).toList();
    }
  }
}

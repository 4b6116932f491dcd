package io.rafttsdb.replica.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the whole log before Ratis does, since Ratis refuses a torn tail like any damage: what an
 * acknowledged entry may have stood in is damage and refuses the start, what was never acknowledged
 * is cut away.
 */
public final class LogCheck {
  private static final String META_FILE = RaftMeta.FILE_NAME;

  private final Path directory;
  private final CommitMark mark;
  private final long snapshotIndex;
  private final int entryBytesMax;
  private final List<LogRepair> repairs = new ArrayList<>();

  private LogCheck(Path directory, CommitMark mark, long snapshotIndex, int entryBytesMax) {
    this.directory = directory;
    this.mark = mark;
    this.snapshotIndex = snapshotIndex;
    this.entryBytesMax = entryBytesMax;
  }

  /**
   * Checks the log of a group and repairs what may be repaired.
   *
   * @param directory Ratis's {@code current} directory of the group
   * @param mark the commit mark, or null where there is none
   * @param snapshotIndex of the snapshot that the replica starts from; -1 without one
   * @param entryBytesMax the longest entry that Ratis is configured for
   * @return what was repaired
   */
  public static List<LogRepair> run(
      Path directory, @Nullable CommitMark mark, long snapshotIndex, int entryBytesMax)
      throws IOException, DamagedLog {
    List<SegmentFile> segments = SegmentFile.list(directory);
    CommitMark known = mark == null ? CommitMark.NONE : mark;
    LogCheck check = new LogCheck(directory, known, snapshotIndex, entryBytesMax);
    if (mark == null && (!segments.isEmpty() || snapshotIndex >= 0)) {
      throw check.damaged(directory, 0, 0, "there is a log or a snapshot, but no commit mark");
    }
    check.checkVotes(!segments.isEmpty());
    check.checkSegments(check.withoutLeftovers(segments));
    for (LogRepair repair : check.repairs) {
      repair.run();
    }
    return List.copyOf(check.repairs);
  }

  /** A log without the file that holds term and vote would vote a second time. */
  private void checkVotes(boolean hasSegments) throws DamagedLog {
    boolean started = mark.index() >= 0 || snapshotIndex >= 0 || hasSegments;
    if (started && !Files.exists(directory.resolve(META_FILE))) {
      throw damaged(
          directory.resolve(META_FILE), 0, 0, "the file with this node's term and vote is missing");
    }
  }

  /**
   * Ratis deletes purged segments from the newest to the oldest, and a crash in between leaves a
   * gap: what lies before it is held by the snapshot and goes.
   */
  private List<SegmentFile> withoutLeftovers(List<SegmentFile> segments) {
    int first = 0;
    for (int i = 1; i < segments.size(); i++) {
      SegmentFile before = segments.get(i - 1);
      long start = segments.get(i).startIndex();
      if (!before.isOpen() && start > before.endIndex() + 1 && start <= snapshotIndex + 1) {
        first = i;
      }
    }
    for (SegmentFile leftover : segments.subList(0, first)) {
      repairs.add(
          new LogRepair(
              leftover.path(), 0, leftover.startIndex(), "left over from an interrupted purge"));
    }
    return segments.subList(first, segments.size());
  }

  private void checkSegments(List<SegmentFile> segments) throws IOException, DamagedLog {
    long next = snapshotIndex + 1;
    if (!segments.isEmpty()) {
      SegmentFile first = segments.getFirst();
      if (first.startIndex() > next) {
        throw damaged(first.path(), 0, next, "the log begins only at index " + first.startIndex());
      }
      next = first.startIndex();
    }
    for (int i = 0; i < segments.size(); i++) {
      SegmentFile segment = segments.get(i);
      if (segment.startIndex() != next) {
        throw damaged(
            directory,
            0,
            next,
            "segment " + segment.path().getFileName() + " does not follow index " + (next - 1));
      }
      if (segment.isOpen() && i < segments.size() - 1) {
        throw damaged(segment.path(), 0, next, "an open segment before another one");
      }
      next = checkSegment(segment) + 1;
    }
    long last = Math.max(next - 1, snapshotIndex);
    if (last < mark.index()) {
      throw damaged(directory, 0, last + 1, "the log ends at index " + last);
    }
  }

  /** Index of the segment's last entry, once it is repaired. */
  private long checkSegment(SegmentFile segment) throws IOException, DamagedLog {
    SegmentReader.Content content = SegmentReader.read(segment, entryBytesMax);
    String flaw = content.flaw();
    long bad = content.lastIndex() + 1;
    if (!segment.isOpen()) {
      if (content.lastIndex() < segment.endIndex()) {
        String reason = flaw == null ? "the records end before the name says" : flaw;
        throw damaged(
            segment.path(), content.soundBytes(), bad, reason + ", in a segment that was complete");
      }
      return content.lastIndex();
    }
    if (flaw != null) {
      if (bad <= mark.index()) {
        throw damaged(segment.path(), content.soundBytes(), bad, flaw);
      }
      repairs.add(
          new LogRepair(
              segment.path(), bad == segment.startIndex() ? 0 : content.soundBytes(), bad, flaw));
    }
    return content.lastIndex();
  }

  private DamagedLog damaged(Path file, long offset, long index, String reason) {
    return new DamagedLog(file, offset, index, mark, reason);
  }
}

package io.rafttsdb.replica.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.jspecify.annotations.Nullable;

/**
 * How far the log of a group can be read beyond a snapshot. Nothing is changed.
 *
 * @param lastIndex of the last sound entry; the snapshot's where the log has none beyond it
 * @param lastTerm of that entry
 * @param flaw why it ends there; null where the records just end
 */
public record LogContents(long lastIndex, long lastTerm, @Nullable Flaw flaw) {

  /**
   * The first thing in a log that can't be read.
   *
   * @param file the segment, or the one before which others are missing
   * @param offset length of the file that is sound; 0: nothing of it
   * @param index of the first entry that can't be read
   * @param mayBeTorn whether a crash alone may have left it, if nothing here was committed
   */
  public record Flaw(Path file, long offset, long index, String reason, boolean mayBeTorn) {
    @Override
    public String toString() {
      return file + " at offset " + offset + ", index " + index + ": " + reason;
    }
  }

  /**
   * Reads a log from the entry after a snapshot on.
   *
   * @param directory Ratis's {@code current} directory of the group
   * @param snapshotTerm of the snapshot; 0 without one
   * @param snapshotIndex of the snapshot; -1 without one
   * @param entries is handed each sound entry beyond the snapshot, in order
   */
  public static LogContents read(
      Path directory,
      long snapshotTerm,
      long snapshotIndex,
      int entryBytesMax,
      Consumer<LogEntryProto> entries)
      throws IOException {
    LogContents read = new LogContents(snapshotIndex, snapshotTerm, null);
    List<SegmentFile> segments = SegmentFile.list(directory);
    for (int i = 0; i < segments.size() && read.flaw == null; i++) {
      SegmentFile segment = segments.get(i);
      if (segment.isOpen() || segment.endIndex() > snapshotIndex) {
        read = read.with(segment, i == segments.size() - 1, entryBytesMax, entries);
      }
    }
    return read;
  }

  private LogContents with(
      SegmentFile segment, boolean isLast, int entryBytesMax, Consumer<LogEntryProto> entries)
      throws IOException {
    if (segment.startIndex() > lastIndex + 1) {
      return new LogContents(
          lastIndex,
          lastTerm,
          new Flaw(
              segment.path(),
              0,
              lastIndex + 1,
              "it begins only at index " + segment.startIndex(),
              false));
    }
    long[] last = {lastTerm, lastIndex};
    SegmentReader.Content content =
        SegmentReader.read(
            segment,
            entryBytesMax,
            entry -> {
              if (entry.getIndex() > last[1]) {
                last[0] = entry.getTerm();
                last[1] = entry.getIndex();
                entries.accept(entry);
              }
            });
    String reason = content.flaw();
    if (reason == null && !segment.isOpen() && content.lastIndex() < segment.endIndex()) {
      reason = "the records end before the name says";
    } else if (reason == null && segment.isOpen() && !isLast) {
      reason = "an open segment before another one";
    }
    Flaw flaw =
        reason == null
            ? null
            : new Flaw(
                segment.path(),
                content.soundBytes(),
                content.lastIndex() + 1,
                reason,
                segment.isOpen() && isLast);
    return new LogContents(last[1], last[0], flaw);
  }

  /**
   * What is lost of what was known to be committed.
   *
   * @param mark null where there is none, or a damaged one
   * @return a line each; none where nothing is
   */
  public List<String> losses(@Nullable CommitMark mark) {
    String cause = flaw == null ? "the log ends" : flaw.toString();
    if (mark == null) {
      return List.of(
          "the commit mark is missing or damaged: nobody knows whether entries after index "
              + lastIndex
              + " were committed ("
              + cause
              + ")");
    }
    if (lastIndex < mark.index()) {
      return List.of(
          "entries "
              + (lastIndex + 1)
              + " to "
              + mark.index()
              + " were committed and can't be read, perhaps more after them ("
              + cause
              + ")");
    }
    if (flaw != null && !flaw.mayBeTorn) {
      return List.of(
          "entries from index "
              + flaw.index
              + " on can't be read; they may have been committed ("
              + cause
              + ")");
    }
    return List.of();
  }
}

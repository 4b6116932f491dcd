package io.rafttsdb.replica.disk;

import java.nio.file.Path;

/**
 * Part of the log that this replica must hold is missing or damaged. Starting without it could lose
 * acknowledged data, so the node has to be rebuilt from the others.
 */
public final class DamagedLog extends StartRefused {
  private static final long serialVersionUID = 1;

  private final transient Path file;
  private final long offset;
  private final long index;
  private final long mark;

  DamagedLog(Path file, long offset, long index, CommitMark mark, String reason) {
    super(
        "damaged log: "
            + file
            + " at offset "
            + offset
            + ", index "
            + index
            + ": "
            + reason
            + ". Entries up to index "
            + mark.index()
            + " are known to be committed, so this is no torn write. "
            + REBUILD);
    this.file = file;
    this.offset = offset;
    this.index = index;
    this.mark = mark.index();
  }

  /** Without the commit mark nobody knows what may be missing. */
  DamagedLog(Path markFile, String reason) {
    super("damaged commit mark: " + markFile + ": " + reason + ". " + REBUILD);
    this.file = markFile;
    this.offset = 0;
    this.index = CommitMark.NONE.index();
    this.mark = CommitMark.NONE.index();
  }

  /** The file, or the directory where a file is missing. */
  public Path file() {
    return file;
  }

  /** Of the first bad record in the file, bytes from its start. */
  public long offset() {
    return offset;
  }

  /** Of the first entry that can't be read. */
  public long index() {
    return index;
  }

  /** Index up to which entries were known to be committed. */
  public long mark() {
    return mark;
  }
}

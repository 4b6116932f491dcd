package io.rafttsdb.storage.model;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file does not hold what its format says; it is set aside and got again, never repaired. What
 * another version of the format wrote is told apart by the subclasses.
 */
public sealed class CorruptFile extends IOException permits FormatTooNew, FormatTooOld {

  private static final long serialVersionUID = 1L;

  private final transient Path path;
  private final long offset;

  /**
   * @param offset place in the file, in bytes, of what was expected
   */
  public CorruptFile(Path path, long offset, String expected, String found) {
    super(path + " at offset " + offset + ": expected " + expected + ", found " + found);
    this.path = path;
    this.offset = offset;
  }

  public Path path() {
    return path;
  }

  public long offset() {
    return offset;
  }
}

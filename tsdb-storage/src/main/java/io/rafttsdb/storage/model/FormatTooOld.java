package io.rafttsdb.storage.model;

import java.nio.file.Path;

/** A file of a format version that is not read any more: nothing is wrong with it. */
public final class FormatTooOld extends CorruptFile {

  private static final long serialVersionUID = 1L;

  /**
   * @param offset place of the version in the file, in bytes
   */
  public FormatTooOld(Path path, long offset, long oldest, long found) {
    super(path, offset, "format version " + oldest + " or newer", "version " + found);
  }
}

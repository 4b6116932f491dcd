package io.rafttsdb.storage.model;

import java.nio.file.Path;

/** A file of a format version that only a newer program knows: nothing is wrong with it. */
public final class FormatTooNew extends CorruptFile {

  private static final long serialVersionUID = 1L;

  /**
   * @param offset place of the version in the file, in bytes
   */
  public FormatTooNew(Path path, long offset, long newest, long found) {
    super(path, offset, "format version " + newest + " or older", "version " + found + ": upgrade");
  }
}

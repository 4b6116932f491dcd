package io.rafttsdb.storage;

import io.rafttsdb.storage.head.FrozenHead;
import io.rafttsdb.storage.head.ImageWriter;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A {@link Tsdb} as it was after one log entry. May be handed to another thread; keeps memory alive
 * until it is let go.
 */
public final class FrozenTsdb {

  private final FrozenHead head;

  FrozenTsdb(FrozenHead head) {
    this.head = head;
  }

  /** The log entry. */
  public long index() {
    return head.index();
  }

  /**
   * Writes an image that {@link Tsdb#load} reads, and forces it to disk. The file is created or
   * replaced; a failure may leave a part of it. Forcing the directory and renaming are the
   * caller's. Equal histories give equal bytes.
   *
   * @return {@link #stateHash}
   */
  public byte[] writeTo(Path file) throws IOException {
    return ImageWriter.write(head, file);
  }

  /** SHA-256 of everything that applying reads, the entry's index aside. */
  public byte[] stateHash() {
    return ImageWriter.hash(head);
  }
}

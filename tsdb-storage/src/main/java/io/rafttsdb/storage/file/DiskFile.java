package io.rafttsdb.storage.file;

import java.io.Closeable;
import java.io.IOException;

/** A file being written, from its start to its end. For one thread. */
public interface DiskFile extends Closeable {

  /** Appends bytes. */
  void write(byte[] bytes, int offset, int length) throws IOException;

  /** Replaces bytes that were written before. */
  void overwrite(long position, byte[] bytes) throws IOException;

  /** Bytes written so far. */
  long length();

  /** Makes all that was written last; the file's name is its directory's matter. */
  void force() throws IOException;
}

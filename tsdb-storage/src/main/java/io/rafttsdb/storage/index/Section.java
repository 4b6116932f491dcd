package io.rafttsdb.storage.index;

import io.rafttsdb.storage.file.FileScanner;
import io.rafttsdb.storage.file.ReadableFile;
import java.io.IOException;

/**
 * A part of an index with a length before and a checksum behind it: symbols, the postings offset
 * table.
 *
 * @param count what its first four bytes say
 * @param start place of what follows the count
 * @param end place of the checksum
 */
record Section(long count, long start, long end) {

  /** Reads the section at a place once, to check it before anything in it is believed. */
  static Section check(ReadableFile file, long offset, String what) throws IOException {
    FileScanner scanner = new FileScanner(file, offset, file.sizeBytes());
    long length = scanner.uint32();
    if (length < Integer.BYTES || length > scanner.remaining() - Integer.BYTES) {
      throw scanner.corrupt(
          what + " of 4 to " + (scanner.remaining() - Integer.BYTES) + " bytes", "" + length);
    }
    long end = scanner.position() + length;
    scanner.startChecksum();
    long count = scanner.uint32();
    long start = scanner.position();
    scanner.skip(end - start);
    scanner.checkChecksum(what);
    return new Section(count, start, end);
  }
}

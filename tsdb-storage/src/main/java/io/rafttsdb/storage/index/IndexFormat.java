package io.rafttsdb.storage.index;

/** Constants of Prometheus's index file, version 2; docs/format/block.md describes it. */
final class IndexFormat {

  static final int MAGIC = 0xbaaad700;

  static final int VERSION = 2;

  /** Place of the version. */
  static final int VERSION_OFFSET = 4;

  /** Magic and version; the symbols follow. */
  static final int HEADER_BYTES = 5;

  /** Six offsets and their checksum, at the end of the file. */
  static final int TOC_BYTES = 6 * Long.BYTES + Integer.BYTES;

  /** A series begins at a multiple of this; its id is its place divided by it. */
  static final int SERIES_ALIGNMENT = 16;

  /** Ids of series have 32 bits. */
  static final long FILE_BYTES_MAX = SERIES_ALIGNMENT * (1L << 32);

  static final int POSTINGS_ALIGNMENT = 4;

  /** Names and values in an entry of the postings offset table: two strings. */
  static final int POSTINGS_KEY_STRINGS = 2;

  /** Length, count and checksum of a postings list. */
  static final int POSTINGS_EXTRA_BYTES = 3 * Integer.BYTES;

  /** Longest part with a length of four bytes. */
  static final long SECTION_BYTES_MAX = (1L << 32) - 1;

  private IndexFormat() {}
}

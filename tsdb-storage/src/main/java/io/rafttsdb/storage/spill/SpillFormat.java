package io.rafttsdb.storage.spill;

import java.util.Locale;
import java.util.OptionalInt;

/** Names and constants of chunks_head; docs/format/chunks-head.md describes it. */
final class SpillFormat {

  /** "RTCH". */
  static final int MAGIC = 0x52544348;

  static final int VERSION = 1;

  /** Place of the version in a file. */
  static final int VERSION_OFFSET = 4;

  /** Magic, version, three zeros, number of the file, checksum; the first record follows. */
  static final int HEADER_BYTES = 16;

  /** Ref, first and last timestamp, encoding: what a record has before its length. */
  static final int RECORD_FIXED_BYTES = 3 * Long.BYTES + 1;

  /** A record beside its data, at most: with the longest length and the checksum. */
  static final int RECORD_EXTRA_BYTES_MAX = RECORD_FIXED_BYTES + 5 + Integer.BYTES;

  /** A mark: a record without data. */
  static final int MARK_BYTES = RECORD_FIXED_BYTES + 1 + Integer.BYTES;

  /** Series ref of a mark; no series has it. */
  static final long MARK_REF = 0;

  /** Encoding of a mark; no chunk has it. */
  static final int MARK_ENCODING = 0;

  /** Longest chunk that is written or believed. */
  static final int CHUNK_BYTES_MAX = 64 << 20;

  /** What a file may have at most: a file of its own for the longest chunk, and marks. */
  static final long FILE_BYTES_MAX = 1 << 30;

  /** Highest number of a file. */
  static final int NUMBER_MAX = Integer.MAX_VALUE - 1;

  /** Ending of a file that is to replace another. */
  static final String REPLACEMENT = ".tmp";

  /** Where damaged files are moved to. */
  static final String QUARANTINE = "quarantine";

  private SpillFormat() {}

  /** Name of a file. */
  static String name(int number) {
    return String.format(Locale.ROOT, "%06d", number);
  }

  /** The number that a name stands for, if it is a file's. */
  static OptionalInt number(String name) {
    if (name.length() < 6 || name.length() > 10 || !name.chars().allMatch(SpillFormat::isDigit)) {
      return OptionalInt.empty();
    }
    long number = Long.parseLong(name);
    boolean canonical = number >= 1 && number <= NUMBER_MAX && name((int) number).equals(name);
    return canonical ? OptionalInt.of((int) number) : OptionalInt.empty();
  }

  private static boolean isDigit(int character) {
    return character >= '0' && character <= '9';
  }
}

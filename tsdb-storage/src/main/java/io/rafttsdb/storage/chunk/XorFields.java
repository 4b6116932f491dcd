package io.rafttsdb.storage.chunk;

import java.util.Arrays;

/**
 * Some floats that change from sample to sample, each written as what differs from its value
 * before, with a window of significant bits of its own (Gorilla, VLDB 2015, section 4.1). Writing
 * and reading leave the same state.
 */
final class XorFields {

  private static final byte NO_WINDOW = (byte) 0xff;

  private static final int LEADING_MAX = 31;

  private final long[] values;
  private final byte[] leading;
  private final byte[] trailing;

  /** Fields whose first values are 0. */
  XorFields(int count) {
    values = new long[count];
    leading = new byte[count];
    trailing = new byte[count];
    Arrays.fill(leading, NO_WINDOW);
  }

  int count() {
    return values.length;
  }

  long value(int field) {
    return values[field];
  }

  void writeFirst(BitWriter out, int field, long bits) {
    values[field] = bits;
    out.put(bits, Long.SIZE);
  }

  void readFirst(BitReader in, int field) {
    values[field] = in.take(Long.SIZE);
  }

  void write(BitWriter out, int field, long bits) {
    long xor = bits ^ values[field];
    values[field] = bits;
    if (xor == 0) {
      out.put(0, 1);
      return;
    }
    int newLeading = Math.min(Long.numberOfLeadingZeros(xor), LEADING_MAX);
    int newTrailing = Long.numberOfTrailingZeros(xor);
    if (leading[field] != NO_WINDOW
        && newLeading >= leading[field]
        && newTrailing >= trailing[field]) {
      out.put(0b10, 2);
      out.put(xor >>> trailing[field], 64 - leading[field] - trailing[field]);
    } else {
      leading[field] = (byte) newLeading;
      trailing[field] = (byte) newTrailing;
      int significant = 64 - newLeading - newTrailing;
      out.put(0b11L << 11 | (long) newLeading << 6 | (significant & 0x3f), 13);
      out.put(xor >>> newTrailing, significant);
    }
  }

  void read(BitReader in, int field) {
    if (in.take(1) == 0) {
      return;
    }
    if (in.take(1) == 0) {
      if (leading[field] == NO_WINDOW) {
        throw new CorruptChunk(
            "expected the first change of a value at bit "
                + in.bitLength()
                + ", found a later one");
      }
    } else {
      int newLeading = (int) in.take(5);
      int significant = (int) in.take(6);
      int newTrailing = 64 - newLeading - (significant == 0 ? 64 : significant);
      if (newTrailing < 0) {
        throw new CorruptChunk(
            "expected at most 64 bits of a value at bit "
                + (in.bitLength() + (", found " + newLeading + " leading and " + significant)));
      }
      leading[field] = (byte) newLeading;
      trailing[field] = (byte) newTrailing;
    }
    values[field] ^= in.take(64 - leading[field] - trailing[field]) << trailing[field];
  }
}

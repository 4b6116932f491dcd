package io.rafttsdb.command;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads a range of a byte array and never beyond it: every length is checked against what is left
 * before anything is read or allocated. Not for several threads.
 */
final class ByteReader {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;
  private final int end;
  private int offset;

  ByteReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private ByteReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.offset = start;
    this.end = end;
  }

  int remaining() {
    return end - offset;
  }

  int u8() throws MalformedBytes {
    if (offset == end) {
      throw new MalformedBytes("bytes end at offset " + offset + ", expected one more");
    }
    return bytes[offset++] & 0xff;
  }

  long uvarint() throws MalformedBytes {
    int start = offset;
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int b = u8();
      if (shift == 63 && b > 1) {
        break;
      }
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw new MalformedBytes("varint of more than 64 bits at offset " + start);
  }

  /** A count of things of which each takes at least {@code bytesEachMin} of what is left. */
  int count(String what, int bytesEachMin) throws MalformedBytes {
    int start = offset;
    long count = uvarint();
    if (count < 0 || count > remaining() / bytesEachMin) {
      throw new MalformedBytes(
          what
              + " count "
              + Long.toUnsignedString(count)
              + " at offset "
              + start
              + ", with "
              + remaining()
              + " bytes left");
    }
    return (int) count;
  }

  long fixed64() throws MalformedBytes {
    if (remaining() < 8) {
      throw new MalformedBytes("8 bytes at offset " + offset + ", only " + remaining() + " left");
    }
    long value = (long) LONG.get(bytes, offset);
    offset += 8;
    return value;
  }

  /** The next bytes, as many as the varint before them says, as a reader of their own. */
  ByteReader slice(String what) throws MalformedBytes {
    int length = count(what + " byte", 1);
    ByteReader slice = new ByteReader(bytes, offset, offset + length);
    offset += length;
    return slice;
  }

  /** The next so many bytes, as a copy. */
  byte[] raw(int length) throws MalformedBytes {
    if (remaining() < length) {
      throw new MalformedBytes(
          length + " bytes at offset " + offset + ", only " + remaining() + " left");
    }
    byte[] raw = Arrays.copyOfRange(bytes, offset, offset + length);
    offset += length;
    return raw;
  }

  /** Everything that is left, as a copy. */
  byte[] rest() {
    byte[] rest = Arrays.copyOfRange(bytes, offset, end);
    offset = end;
    return rest;
  }

  void expectEnd(String what) throws MalformedBytes {
    if (offset != end) {
      throw new MalformedBytes(remaining() + " bytes after the end of " + what);
    }
  }

  static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }
}

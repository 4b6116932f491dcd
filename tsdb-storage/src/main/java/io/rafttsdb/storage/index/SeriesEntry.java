package io.rafttsdb.storage.index;

import java.util.Arrays;

/** The body of a series entry being put together. For one thread; reused from series to series. */
final class SeriesEntry {

  private static final int UVARINT_BYTES_MAX = 10;

  private byte[] bytes = new byte[1 << 10];
  private int length;

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  void clear() {
    length = 0;
  }

  void putUvarint(long value) {
    if (bytes.length - length < UVARINT_BYTES_MAX) {
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
    }
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  void putZigzag(long value) {
    putUvarint((value << 1) ^ (value >> 63));
  }
}

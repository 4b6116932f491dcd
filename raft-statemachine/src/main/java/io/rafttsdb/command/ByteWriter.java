package io.rafttsdb.command;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A byte array that grows, written from its start to its end. Not for several threads. */
final class ByteWriter {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes;
  private int length;

  ByteWriter(int capacity) {
    bytes = new byte[Math.max(capacity, 16)];
  }

  int length() {
    return length;
  }

  void u8(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
  }

  /** Seven bits a byte, the lowest first, the high bit set on all but the last. */
  void uvarint(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  void fixed64(long value) {
    reserve(8);
    LONG.set(bytes, length, value);
    length += 8;
  }

  void raw(byte[] source) {
    reserve(source.length);
    System.arraycopy(source, 0, bytes, length, source.length);
    length += source.length;
  }

  /** A section: its id, its length, its bytes. */
  void section(int id, ByteWriter content) {
    u8(id);
    uvarint(content.length);
    reserve(content.length);
    System.arraycopy(content.bytes, 0, bytes, length, content.length);
    length += content.length;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  static int uvarintSize(long value) {
    return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
  }

  static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }

  private void reserve(int count) {
    int needed = Math.addExact(length, count);
    if (needed > bytes.length) {
      bytes =
          Arrays.copyOf(
              bytes, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, bytes.length * 2L)));
    }
  }
}

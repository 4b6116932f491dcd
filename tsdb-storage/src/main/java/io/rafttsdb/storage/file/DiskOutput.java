package io.rafttsdb.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Writes a file through a buffer: big endian numbers, uvarint (LEB128), zigzag, and the CRC-32C of
 * what was written since a place. For one thread.
 */
public final class DiskOutput implements Closeable {

  /** Size of the buffer unless another is asked for. */
  public static final int BUFFER_BYTES = 256 << 10;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final DiskFile file;
  private final byte[] buffer;
  private final CRC32C crc = new CRC32C();
  private int length;
  private int summed;

  public DiskOutput(DiskFile file) {
    this(file, BUFFER_BYTES);
  }

  /**
   * @param bufferBytes at least 16
   */
  public DiskOutput(DiskFile file, int bufferBytes) {
    this.file = file;
    this.buffer = new byte[Math.max(bufferBytes, 16)];
  }

  /** Place in the file of what comes next. */
  public long position() {
    return file.length() + length;
  }

  public void putByte(int value) throws IOException {
    room(1);
    buffer[length++] = (byte) value;
  }

  public void putInt(int value) throws IOException {
    room(Integer.BYTES);
    INT.set(buffer, length, value);
    length += Integer.BYTES;
  }

  public void putLong(long value) throws IOException {
    room(Long.BYTES);
    LONG.set(buffer, length, value);
    length += Long.BYTES;
  }

  public void putUvarint(long value) throws IOException {
    room(FileBytes.UVARINT_BYTES_MAX);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      buffer[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[length++] = (byte) rest;
  }

  public void putZigzag(long value) throws IOException {
    putUvarint((value << 1) ^ (value >> 63));
  }

  public void putBytes(byte[] bytes) throws IOException {
    putBytes(bytes, 0, bytes.length);
  }

  public void putBytes(byte[] bytes, int offset, int count) throws IOException {
    int at = offset;
    int left = count;
    while (left > 0) {
      room(1);
      int part = Math.min(left, buffer.length - length);
      System.arraycopy(bytes, at, buffer, length, part);
      length += part;
      at += part;
      left -= part;
    }
  }

  /** Zeros up to a multiple of the alignment. */
  public void align(int alignment) throws IOException {
    while (position() % alignment != 0) {
      putByte(0);
    }
  }

  /** The checksum begins with what comes next. */
  public void startChecksum() {
    crc.reset();
    summed = length;
  }

  /** Writes the checksum of what was written since {@link #startChecksum}. */
  public void putChecksum() throws IOException {
    sum();
    putInt((int) crc.getValue());
  }

  private void sum() {
    crc.update(buffer, summed, length - summed);
    summed = length;
  }

  private void room(int count) throws IOException {
    if (count > buffer.length - length) {
      flush();
    }
  }

  /** Hands the buffer to the file, so that others see it there. */
  public void flush() throws IOException {
    sum();
    file.write(buffer, 0, length);
    length = 0;
    summed = 0;
  }

  /** Replaces bytes that were flushed. */
  public void overwrite(long position, byte[] bytes) throws IOException {
    file.overwrite(position, bytes);
  }

  /** Makes all that was written last. */
  public void force() throws IOException {
    flush();
    file.force();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

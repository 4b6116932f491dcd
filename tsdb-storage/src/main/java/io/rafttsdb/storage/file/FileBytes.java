package io.rafttsdb.storage.file;

import io.rafttsdb.storage.model.CorruptFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Bytes that were copied from a file, decoded one after the other: big endian numbers, uvarint
 * (LEB128), zigzag. What does not fit is {@link CorruptFile} with its place in the file. For one
 * thread.
 */
public final class FileBytes {

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Most bytes that a 64-bit number takes as a uvarint. */
  public static final int UVARINT_BYTES_MAX = 10;

  private final Path path;
  private final long fileOffset;
  private final byte[] bytes;
  private final int end;
  private int at;

  /**
   * @param fileOffset place in the file of the first of the bytes
   * @param start of what is to be decoded, in the array
   * @param end of it, in the array
   */
  public FileBytes(Path path, long fileOffset, byte[] bytes, int start, int end) {
    this.path = path;
    this.fileOffset = fileOffset - start;
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Place in the file of what comes next. */
  public long fileOffset() {
    return fileOffset + at;
  }

  /** Place in the array of what comes next. */
  public int position() {
    return at;
  }

  /** Bytes that are left. */
  public int remaining() {
    return end - at;
  }

  /** An error at the present place. */
  public CorruptFile corrupt(String expected, String found) {
    return new CorruptFile(path, fileOffset(), expected, found);
  }

  private void require(int count, String what) throws CorruptFile {
    if (count < 0 || count > end - at) {
      throw corrupt(what + " of " + count + " bytes", remaining() + " bytes");
    }
  }

  public int uint8() throws CorruptFile {
    require(1, "a number");
    return bytes[at++] & 0xff;
  }

  public int int32() throws CorruptFile {
    require(Integer.BYTES, "a number");
    int value = (int) INT.get(bytes, at);
    at += Integer.BYTES;
    return value;
  }

  public long int64() throws CorruptFile {
    require(Long.BYTES, "a number");
    long value = (long) LONG.get(bytes, at);
    at += Long.BYTES;
    return value;
  }

  /** A number of up to 64 bits. */
  public long uvarint() throws CorruptFile {
    long value = 0;
    for (int shift = 0; shift < UVARINT_BYTES_MAX * 7; shift += 7) {
      int b = uint8();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw corrupt("a number of 64 bits", "a longer one");
  }

  /** A number that counts or measures something: from 0 to the limit. */
  public int uvarint(int max, String what) throws CorruptFile {
    long value = uvarint();
    if (value < 0 || value > max) {
      throw corrupt(what + " of at most " + max, Long.toUnsignedString(value));
    }
    return (int) value;
  }

  public long zigzag() throws CorruptFile {
    long value = uvarint();
    return (value >>> 1) ^ -(value & 1);
  }
}

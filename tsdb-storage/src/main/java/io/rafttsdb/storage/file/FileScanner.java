package io.rafttsdb.storage.file;

import io.rafttsdb.storage.model.CorruptFile;
import java.io.IOException;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * Reads a part of a file from its start to its end through a window: what {@link DiskOutput} wrote.
 * Memory is bounded by the window, whatever the file claims. For one thread.
 */
public final class FileScanner {

  /** Size of the window unless another is asked for. */
  public static final int WINDOW_BYTES = 64 << 10;

  private final ReadableFile file;
  private final long end;
  private final byte[] window;
  private final CRC32C crc = new CRC32C();
  private long windowOffset;
  private int at;
  private int limit;
  private int summed;

  /**
   * @param start place of the first byte to read
   * @param end place after the last one
   */
  public FileScanner(ReadableFile file, long start, long end) throws CorruptFile {
    this(file, start, end, WINDOW_BYTES);
  }

  /**
   * @param windowBytes bytes that are read at a time
   */
  public FileScanner(ReadableFile file, long start, long end, int windowBytes) throws CorruptFile {
    file.checkRange(start, end - start);
    this.file = file;
    this.end = end;
    this.window = new byte[(int) Math.min(windowBytes, Math.max(end - start, 1))];
    this.windowOffset = start;
  }

  /** Place in the file of what comes next. */
  public long position() {
    return windowOffset + at;
  }

  /** Bytes that are left. */
  public long remaining() {
    return end - position();
  }

  /** An error at the present place. */
  public CorruptFile corrupt(String expected, String found) {
    return new CorruptFile(file.path(), position(), expected, found);
  }

  private void fill() throws IOException {
    sum();
    windowOffset += at;
    at = 0;
    summed = 0;
    limit = (int) Math.min(window.length, end - windowOffset);
    if (limit == 0) {
      throw corrupt("more bytes", "the end of this part of the file");
    }
    try {
      file.read(windowOffset, window, 0, limit);
    } catch (IOException e) {
      limit = 0;
      throw e;
    }
  }

  private void sum() {
    crc.update(window, summed, at - summed);
    summed = at;
  }

  public int uint8() throws IOException {
    if (at == limit) {
      fill();
    }
    return window[at++] & 0xff;
  }

  public int int32() throws IOException {
    return uint8() << 24 | uint8() << 16 | uint8() << 8 | uint8();
  }

  public long uint32() throws IOException {
    return Integer.toUnsignedLong(int32());
  }

  /** A number of up to 64 bits. */
  public long uvarint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < FileBytes.UVARINT_BYTES_MAX * 7; shift += 7) {
      int b = uint8();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw corrupt("a number of 64 bits", "a longer one");
  }

  public long zigzag() throws IOException {
    long value = uvarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** A length, of which so many bytes must be left. */
  public int length(String what) throws IOException {
    long start = position();
    long length = uvarint();
    if (length < 0 || length > remaining() || length > Integer.MAX_VALUE - 8) {
      throw new CorruptFile(
          file.path(),
          start,
          what + " of at most " + remaining() + " bytes",
          Long.toUnsignedString(length));
    }
    return (int) length;
  }

  /** The next bytes; whoever asks has checked that their number is sound. */
  public byte[] bytes(int count) throws IOException {
    if (count > remaining()) {
      throw corrupt(count + " bytes", remaining() + " bytes");
    }
    byte[] bytes = new byte[count];
    bytes(bytes, 0, count);
    return bytes;
  }

  /** Reads the next bytes into an array. */
  public void bytes(byte[] target, int start, int count) throws IOException {
    int to = start;
    int left = count;
    while (left > 0) {
      if (at == limit) {
        fill();
      }
      int part = Math.min(left, limit - at);
      System.arraycopy(window, at, target, to, part);
      at += part;
      to += part;
      left -= part;
    }
  }

  /** Goes over bytes, which count for the checksum. */
  public void skip(long count) throws IOException {
    if (count < 0 || count > remaining()) {
      throw corrupt(count + " bytes", remaining() + " bytes");
    }
    long left = count;
    while (left > 0) {
      if (at == limit) {
        fill();
      }
      int part = (int) Math.min(left, limit - at);
      at += part;
      left -= part;
    }
  }

  /** The checksum begins with what comes next. */
  public void startChecksum() {
    crc.reset();
    summed = at;
  }

  /** Reads a checksum, which must be that of the bytes since {@link #startChecksum}. */
  public void checkChecksum(String of) throws IOException {
    sum();
    int expected = (int) crc.getValue();
    long start = position();
    int found = int32();
    if (found != expected) {
      HexFormat hex = HexFormat.of();
      throw new CorruptFile(
          file.path(),
          start,
          "checksum " + hex.toHexDigits(expected) + " of " + of,
          hex.toHexDigits(found));
    }
  }
}

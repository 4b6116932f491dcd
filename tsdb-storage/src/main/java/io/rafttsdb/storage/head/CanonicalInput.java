package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.CorruptFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Reads what {@link CanonicalOutput} wrote. Lengths are checked against the rest of the file before
 * memory is taken for them; whatever is wrong is a {@link CorruptFile}. For one thread.
 */
final class CanonicalInput {

  private static final int BUFFER_BYTES = 1 << 18;

  private final Path path;
  private final FileChannel channel;
  private final long endOffset;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).flip();
  private final CRC32C crc = new CRC32C();
  private long bufferOffset;
  private int checksummed;

  /**
   * @param endOffset what lies behind is not read
   */
  CanonicalInput(Path path, FileChannel channel, long endOffset) {
    this.path = path;
    this.channel = channel;
    this.endOffset = endOffset;
  }

  /** Offset in the file of the next byte. */
  long offset() {
    return bufferOffset + buffer.position();
  }

  long remaining() {
    return endOffset - offset();
  }

  int u8() throws IOException {
    need(1);
    return buffer.get() & 0xff;
  }

  int u32() throws IOException {
    need(Integer.BYTES);
    return buffer.getInt();
  }

  long i64() throws IOException {
    need(Long.BYTES);
    return buffer.getLong();
  }

  long uvarint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      long b = u8();
      value |= (b & 0x7f) << shift;
      if (b < 0x80) {
        if ((b == 0 && shift > 0) || (shift == 63 && b > 1)) {
          throw corrupt("a number in its shortest form of 64 bits", "another form");
        }
        return value;
      }
    }
    throw corrupt("a number of at most 10 bytes", "a longer one");
  }

  long zigzag() throws IOException {
    long value = uvarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** A length that is at most a limit and lies within the file. */
  int length(int max, String what) throws IOException {
    long length = uvarint();
    if (length < 0 || length > max || length > remaining()) {
      throw corrupt(
          what + " of at most " + Math.min(max, remaining()) + " bytes",
          Long.toUnsignedString(length) + " bytes");
    }
    return (int) length;
  }

  byte[] bytes(int length) throws IOException {
    byte[] bytes = new byte[length];
    for (int done = 0; done < length; ) {
      need(1);
      int part = Math.min(length - done, buffer.remaining());
      buffer.get(bytes, done, part);
      done += part;
    }
    return bytes;
  }

  /** CRC32C of all bytes read so far. */
  int crc() {
    addToCrc();
    return (int) crc.getValue();
  }

  CorruptFile corrupt(String expected, String found) {
    return new CorruptFile(path, offset(), expected, found);
  }

  private void addToCrc() {
    crc.update(buffer.array(), checksummed, buffer.position() - checksummed);
    checksummed = buffer.position();
  }

  /** Gets so many bytes, at most a few, into the buffer. */
  private void need(int bytes) throws IOException {
    if (buffer.remaining() >= bytes) {
      return;
    }
    if (remaining() < bytes) {
      throw corrupt(bytes + " bytes more", "only " + remaining() + " before the footer");
    }
    addToCrc();
    bufferOffset += buffer.position();
    buffer.compact();
    checksummed = 0;
    long ahead = endOffset - bufferOffset;
    buffer.limit((int) Math.min(buffer.capacity(), ahead));
    while (buffer.position() < bytes) {
      if (channel.read(buffer, bufferOffset + buffer.position()) < 0) {
        throw corrupt("a file of " + endOffset + " bytes", "its end; it became shorter");
      }
    }
    buffer.flip();
  }
}

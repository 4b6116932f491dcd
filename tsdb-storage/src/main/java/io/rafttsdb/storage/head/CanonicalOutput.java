package io.rafttsdb.storage.head;

import io.rafttsdb.storage.file.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes numbers and bytes, big endian, through a buffer to a file, and computes CRC32C over all
 * and SHA-256 over what is to be hashed. Without a file it only computes. For one thread.
 */
final class CanonicalOutput {

  private static final int BUFFER_BYTES = 1 << 18;

  private final @Nullable DiskFile file;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private final CRC32C crc = new CRC32C();
  private final MessageDigest sha256;
  private boolean hashing;

  /** Place in the buffer from which on bytes were not hashed yet. */
  private int unhashed;

  CanonicalOutput(@Nullable DiskFile file) {
    this.file = file;
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  void u8(int value) throws IOException {
    ensure(1);
    buffer.put((byte) value);
  }

  void u32(int value) throws IOException {
    ensure(Integer.BYTES);
    buffer.putInt(value);
  }

  void i64(long value) throws IOException {
    ensure(Long.BYTES);
    buffer.putLong(value);
  }

  void uvarint(long value) throws IOException {
    ensure(10);
    while ((value & ~0x7fL) != 0) {
      buffer.put((byte) (value | 0x80));
      value >>>= 7;
    }
    buffer.put((byte) value);
  }

  void zigzag(long value) throws IOException {
    uvarint((value << 1) ^ (value >> 63));
  }

  void bytes(byte[] bytes, int length) throws IOException {
    for (int done = 0; done < length; ) {
      ensure(1);
      int part = Math.min(length - done, buffer.remaining());
      buffer.put(bytes, done, part);
      done += part;
    }
  }

  /** From here on bytes count for the hash. */
  void beginHash() {
    unhashed = buffer.position();
    hashing = true;
  }

  /** From here on bytes do not count, until they do again. */
  void pauseHash() {
    hash();
    hashing = false;
  }

  /** Ends what is hashed. */
  byte[] endHash() {
    pauseHash();
    return sha256.digest();
  }

  private void hash() {
    if (hashing) {
      sha256.update(buffer.array(), unhashed, buffer.position() - unhashed);
      unhashed = buffer.position();
    }
  }

  /** CRC32C of all bytes so far. */
  int crc() throws IOException {
    flush();
    return (int) crc.getValue();
  }

  void flush() throws IOException {
    hash();
    crc.update(buffer.array(), 0, buffer.position());
    if (file != null) {
      file.write(buffer.array(), 0, buffer.position());
    }
    buffer.clear();
    unhashed = 0;
  }

  private void ensure(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
  }
}

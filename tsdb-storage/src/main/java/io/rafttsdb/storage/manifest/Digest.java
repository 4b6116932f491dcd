package io.rafttsdb.storage.manifest;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** A SHA-256, comparable as a value. */
public record Digest(long a, long b, long c, long d) {

  /** Bytes of a digest. */
  public static final int BYTES = 32;

  /** A digest of its bytes. */
  public static Digest of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("digest of " + bytes.length + " bytes, expected " + BYTES);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Digest(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES).putLong(a).putLong(b).putLong(c).putLong(d).array();
  }

  /** Hexadecimal. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(toBytes());
  }
}

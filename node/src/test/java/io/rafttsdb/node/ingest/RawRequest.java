package io.rafttsdb.node.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Builds the bytes of a remote write request by hand, wrong ones too. */
final class RawRequest {

  static final int SERIES = 1;
  static final int LABEL = 1;
  static final int SAMPLE = 2;
  static final int EXEMPLAR = 3;
  static final int HISTOGRAM = 4;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Labels as names and values in turn, in this order. */
  static byte[] labels(String... namesAndValues) {
    RawRequest labels = new RawRequest();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      labels.field(
          LABEL,
          new RawRequest()
              .field(1, namesAndValues[i].getBytes(UTF_8))
              .field(2, namesAndValues[i + 1].getBytes(UTF_8))
              .bytes());
    }
    return labels.bytes();
  }

  static byte[] sample(long timestampMs, double value) {
    return new RawRequest()
        .fixed64(1, Double.doubleToRawLongBits(value))
        .varint(2, timestampMs)
        .bytes();
  }

  /** Bytes as they are. */
  RawRequest raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** A field with a length. */
  RawRequest field(int number, byte[] content) {
    varint(number << 3 | 2);
    varint(content.length);
    out.writeBytes(content);
    return this;
  }

  RawRequest varint(int number, long value) {
    return varint(number << 3).varint(value);
  }

  RawRequest fixed64(int number, long bits) {
    return varint(number << 3 | 1).fixed64(bits);
  }

  RawRequest fixed64(long bits) {
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      out.write((int) (bits >>> shift));
    }
    return this;
  }

  RawRequest varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /** As a body: one snappy block. */
  byte[] body() {
    return compress(bytes());
  }

  static byte[] compress(byte[] message) {
    SnappyJavaCompressor snappy = new SnappyJavaCompressor();
    byte[] compressed = new byte[snappy.maxCompressedLength(message.length)];
    int length = snappy.compress(message, 0, message.length, compressed, 0, compressed.length);
    return Arrays.copyOf(compressed, length);
  }
}

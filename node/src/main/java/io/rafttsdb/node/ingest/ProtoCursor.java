package io.rafttsdb.node.ingest;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads the fields of a protobuf message in place. Never reads beyond its end: what does not fit is
 * a {@link BadRequest}. For one thread.
 */
final class ProtoCursor {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int WIRE_TYPE_MASK = 7;
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;

  private byte[] message;
  private int at;
  private int end;

  ProtoCursor(byte[] message, int start, int end) {
    this.message = message;
    this.at = start;
    this.end = end;
  }

  /** Moves to another message. */
  void reset(byte[] other, int start, int otherEnd) {
    message = other;
    at = start;
    end = otherEnd;
  }

  byte[] message() {
    return message;
  }

  boolean hasMore() {
    return at < end;
  }

  int position() {
    return at;
  }

  /** Goes on at a place between here and the end. */
  void moveTo(int position) {
    at = position;
  }

  /** The next field's number and wire type, as they stand in one number. */
  int tag() throws BadRequest {
    if (at < end && message[at] > 0) {
      return message[at++];
    }
    long tag = varint();
    if (tag <= 0 || tag > Integer.MAX_VALUE) {
      throw malformed("no field", at);
    }
    return (int) tag;
  }

  long varint() throws BadRequest {
    int start = at;
    long value = 0;
    for (int shift = 0; shift < Long.SIZE && at < end; shift += 7) {
      byte b = message[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw malformed("no number", start);
  }

  long fixed64() throws BadRequest {
    if (end - at < Long.BYTES) {
      throw malformed("no 8 bytes", at);
    }
    long value = (long) LONG.get(message, at);
    at += Long.BYTES;
    return value;
  }

  /** Reads the length of a field and gives the place where it ends; stands on its first byte. */
  int lengthDelimitedEnd() throws BadRequest {
    int start = at;
    long length = varint();
    if (length < 0 || length > end - at) {
      throw malformed(
          Long.toUnsignedString(length) + " bytes of a field, more than there are", start);
    }
    return at + (int) length;
  }

  /** Passes over a field after its tag. */
  void skip(int tag) throws BadRequest {
    switch (tag & WIRE_TYPE_MASK) {
      case VARINT -> {
        long _ = varint();
      }
      case FIXED64 -> {
        long _ = fixed64();
      }
      case LENGTH_DELIMITED -> at = lengthDelimitedEnd();
      case FIXED32 -> {
        if (end - at < Integer.BYTES) {
          throw malformed("no 4 bytes", at);
        }
        at += Integer.BYTES;
      }
      default -> throw malformed("wire type " + (tag & WIRE_TYPE_MASK), at);
    }
  }

  private static BadRequest malformed(String found, int position) {
    return BadRequest.malformed(
        "expected a prometheus.WriteRequest, found " + found + " at byte " + position);
  }
}

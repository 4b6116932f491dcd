package io.rafttsdb.storage.chunk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Writes the samples of one chunk after the other in Prometheus's XOR encoding (Gorilla, VLDB 2015,
 * section 4.1, with the widths of Prometheus tsdb/chunkenc/xor.go).
 *
 * <p>The chunk grows in an array that others may read while it is written: bits once written never
 * change, and an array that became too small stays as it is. The first two bytes, the count of
 * samples, are 0 there; {@link #toBytes} sets them in its copy.
 *
 * <p>For one thread.
 */
public final class XorWriter {

  /** Bytes before the first sample: the count of samples, big endian. */
  public static final int HEADER_BYTES = 2;

  /** The most that one sample takes: 4 + 64 bits of time, 2 + 5 + 6 + 64 bits of value. */
  public static final int SAMPLE_BYTES_MAX = 19;

  private static final int CAPACITY_FIRST_BYTES = 64;

  private static final int CAPACITY_STEP_MIN_BYTES = 32;

  /** Bits are written eight bytes at a time, so the array reaches this far beyond a sample. */
  private static final int SLACK_BYTES = SAMPLE_BYTES_MAX + Long.BYTES + 1;

  private static final int CAPACITY_MAX_BYTES = ChunkCut.SIZE_BYTES_MAX + SLACK_BYTES;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Leading zeros while no window of significant bits is set. */
  static final byte NO_WINDOW = -1;

  private byte[] bytes = new byte[CAPACITY_FIRST_BYTES];
  private int bitLength = HEADER_BYTES * Byte.SIZE;

  // Of the least size: there is one such object a series.
  private char count;
  private byte leading = NO_WINDOW;
  private byte trailing;
  private long timestampMs;
  private long deltaMs;
  private long valueBits;

  /** A writer of an empty chunk. */
  public XorWriter() {}

  /** A writer that goes on with a chunk after its samples. */
  XorWriter(XorReader read, byte[] chunk) {
    bitLength = read.bitLength();
    bytes = Arrays.copyOf(chunk, capacityFor(bitLength));
    bytes[0] = 0;
    bytes[1] = 0;
    count = (char) read.read();
    leading = (byte) read.leading();
    trailing = (byte) read.trailing();
    timestampMs = read.timestampMs();
    deltaMs = read.deltaMs();
    valueBits = read.valueBits();
  }

  /** Leaves the present chunk and its array behind, and begins an empty chunk in a new array. */
  public void begin() {
    bytes = new byte[CAPACITY_FIRST_BYTES];
    bitLength = HEADER_BYTES * Byte.SIZE;
    count = 0;
    leading = NO_WINDOW;
    trailing = 0;
  }

  /** Adds a sample. Any timestamp and any bits can be written; order is the caller's matter. */
  public void append(long nextTimestampMs, long nextValueBits) {
    if (count == 0) {
      putVarint((nextTimestampMs << 1) ^ (nextTimestampMs >> 63));
      put(nextValueBits, 64);
    } else {
      long nextDeltaMs = nextTimestampMs - timestampMs;
      if (count == 1) {
        putVarint(nextDeltaMs);
      } else {
        putDeltaOfDelta(nextDeltaMs - deltaMs);
      }
      deltaMs = nextDeltaMs;
      putValue(nextValueBits ^ valueBits);
    }
    timestampMs = nextTimestampMs;
    valueBits = nextValueBits;
    count++;
    int capacity = capacityFor(bitLength);
    if (capacity > bytes.length) {
      bytes = Arrays.copyOf(bytes, capacity);
    }
  }

  /**
   * Reads what {@link #append} will touch first, so that it is in the processor's cache by then.
   */
  public int touch() {
    return bytes[bitLength >>> 3];
  }

  /** Number of samples in the chunk. */
  public int count() {
    return count;
  }

  /** Bits used in {@link #array}, header included. */
  public int bitLength() {
    return bitLength;
  }

  /** Bytes used in {@link #array}, header included. */
  public int sizeBytes() {
    return sizeBytes(bitLength);
  }

  public static int sizeBytes(int bitLength) {
    return (bitLength + 7) >>> 3;
  }

  /** The array that the chunk grows in, not a copy; another one after it has grown. */
  public byte[] array() {
    return bytes;
  }

  /** Timestamp of the newest sample; meaningless in an empty chunk. */
  public long timestampMs() {
    return timestampMs;
  }

  /** Value of the newest sample; meaningless in an empty chunk. */
  public long valueBits() {
    return valueBits;
  }

  /** The chunk as Prometheus stores it, a copy of exactly its size. */
  public byte[] toBytes() {
    byte[] exact = Arrays.copyOf(bytes, sizeBytes());
    endAt(exact, bitLength, count);
    return exact;
  }

  /** Makes a copy of an array that a chunk grew in a whole chunk of so many bits and samples. */
  public static void endAt(byte[] chunk, int bitLength, int count) {
    chunk[0] = (byte) (count >>> 8);
    chunk[1] = (byte) count;
    if ((bitLength & 7) != 0) {
      chunk[bitLength >>> 3] &= (byte) (0xff00 >>> (bitLength & 7));
    }
  }

  /**
   * Length of the array of a chunk of this size: enough for one sample more. A function of the
   * chunk alone, so that its memory is accounted for alike on all replicas.
   */
  private static int capacityFor(int bitLength) {
    int needed = (bitLength >>> 3) + SLACK_BYTES;
    int capacity = CAPACITY_FIRST_BYTES;
    while (capacity < needed) {
      capacity += Math.max(CAPACITY_STEP_MIN_BYTES, capacity >> 2);
    }
    return capacity < CAPACITY_MAX_BYTES ? capacity : Math.max(needed, CAPACITY_MAX_BYTES);
  }

  private void putVarint(long value) {
    while ((value & ~0x7fL) != 0) {
      put((value & 0x7f) | 0x80, 8);
      value >>>= 7;
    }
    put(value, 8);
  }

  private void putDeltaOfDelta(long dod) {
    if (dod == 0) {
      put(0, 1);
    } else if (fits(dod, 14)) {
      put(0b10L << 14 | (dod & 0x3fff), 16);
    } else if (fits(dod, 17)) {
      put(0b110L << 17 | (dod & 0x1ffff), 20);
    } else if (fits(dod, 20)) {
      put(0b1110L << 20 | (dod & 0xfffff), 24);
    } else {
      put(0b1111, 4);
      put(dod, 64);
    }
  }

  /** Whether a number lies in [-(2^(bits-1)-1), 2^(bits-1)]: not the usual two's complement. */
  private static boolean fits(long number, int bits) {
    long half = 1L << (bits - 1);
    return number > -half && number <= half;
  }

  private void putValue(long xor) {
    if (xor == 0) {
      put(0, 1);
      return;
    }
    int newLeading = Math.min(Long.numberOfLeadingZeros(xor), 31);
    int newTrailing = Long.numberOfTrailingZeros(xor);
    if (leading != NO_WINDOW && newLeading >= leading && newTrailing >= trailing) {
      put(0b10, 2);
      put(xor >>> trailing, 64 - leading - trailing);
    } else {
      leading = (byte) newLeading;
      trailing = (byte) newTrailing;
      int significant = 64 - newLeading - newTrailing;
      put(0b11L << 11 | (long) newLeading << 6 | (significant & 0x3f), 13);
      put(xor >>> newTrailing, significant);
    }
  }

  /** Writes the lower bits of a value whose other bits are 0; 1 to 64 of them. */
  private void put(long value, int bits) {
    int at = bitLength >>> 3;
    int free = 64 - (bitLength & 7);
    long present = (long) LONG.get(bytes, at);
    if (bits <= free) {
      LONG.set(bytes, at, present | value << (free - bits));
    } else {
      int rest = bits - free;
      LONG.set(bytes, at, present | value >>> rest);
      bytes[at + Long.BYTES] = (byte) (value << (8 - rest));
    }
    bitLength += bits;
  }
}

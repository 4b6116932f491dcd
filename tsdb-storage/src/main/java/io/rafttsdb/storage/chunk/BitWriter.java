package io.rafttsdb.storage.chunk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Writes bits, from the highest of each byte down, and numbers in Prometheus's variable widths
 * (tsdb/chunkenc/varbit.go), to an array that grows. Bits once written never change, and an array
 * that became too small stays as it is, so that others may read it meanwhile.
 *
 * <p>{@link XorWriter} has the same inside it: one object less for each series of floats. For one
 * thread.
 */
final class BitWriter {

  /** Bits of a number by the count of ones before it; after 8 ones no zero follows. */
  static final int[] VARBIT_BITS = {0, 3, 6, 9, 12, 18, 25, 56, 64};

  /** The prefix without a zero at its end. */
  static final int VARBIT_ONES_MAX = 8;

  private static final int CAPACITY_FIRST_BYTES = 128;

  /** Bits are written eight bytes at a time, and may begin within a byte. */
  private static final int SLACK_BYTES = Long.BYTES + 1;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes;
  private int bitLength;

  /** A writer after some bytes that are 0 as yet. */
  BitWriter(int headerBytes) {
    bytes = new byte[CAPACITY_FIRST_BYTES];
    bitLength = headerBytes * Byte.SIZE;
  }

  /** A writer that goes on in a copy of what has been written. */
  BitWriter(byte[] written, int bitLength) {
    this.bytes = Arrays.copyOf(written, capacityFor(bitLength));
    this.bitLength = bitLength;
  }

  /** The array written to, not a copy; another one after it has grown. */
  byte[] array() {
    return bytes;
  }

  int bitLength() {
    return bitLength;
  }

  /**
   * Makes the array as long as one {@link #BitWriter(byte[], int) continued here} would be: its
   * length is a function of what has been written.
   */
  void settle() {
    int capacity = capacityFor(bitLength);
    if (capacity > bytes.length) {
      bytes = Arrays.copyOf(bytes, capacity);
    }
  }

  private static int capacityFor(int bitLength) {
    int needed = (bitLength >>> 3) + SLACK_BYTES;
    int capacity = CAPACITY_FIRST_BYTES;
    while (capacity < needed) {
      capacity += capacity >> 1;
    }
    return capacity;
  }

  /** Writes the lower bits of a value whose other bits are 0; 1 to 64 of them. */
  void put(long value, int bits) {
    settle();
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

  /** Writes a signed number; the nearer to 0, the shorter. */
  void putVarbitInt(long number) {
    int ones = 0;
    if (number != 0) {
      ones = 1;
      while (ones < VARBIT_ONES_MAX && !fits(number, VARBIT_BITS[ones])) {
        ones++;
      }
    }
    putVarbit(number, ones);
  }

  /** Writes an unsigned number; the smaller, the shorter. */
  void putVarbitUint(long number) {
    int width = Long.SIZE - Long.numberOfLeadingZeros(number);
    int ones = 0;
    while (VARBIT_BITS[ones] < width) {
      ones++;
    }
    putVarbit(number, ones);
  }

  private void putVarbit(long number, int ones) {
    if (ones == VARBIT_ONES_MAX) {
      put((1L << ones) - 1, ones);
      put(number, Long.SIZE);
      return;
    }
    int bits = VARBIT_BITS[ones];
    put((2L << ones) - 2, ones + 1);
    if (bits > 0) {
      put(number & (1L << bits) - 1, bits);
    }
  }

  /** Whether a number lies in [-(2^(bits-1)-1), 2^(bits-1)]: not the usual two's complement. */
  private static boolean fits(long number, int bits) {
    long half = 1L << (bits - 1);
    return number > -half && number <= half;
  }
}

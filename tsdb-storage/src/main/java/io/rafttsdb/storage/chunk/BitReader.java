package io.rafttsdb.storage.chunk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads what {@link BitWriter} wrote. The array may be longer than what is read, and may still be
 * written to behind it. Beyond its end there is {@link CorruptChunk}. For one thread.
 */
final class BitReader {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] bytes;
  private int bit;

  BitReader(byte[] bytes, int headerBytes) {
    this.bytes = bytes;
    this.bit = headerBytes * Byte.SIZE;
  }

  /** Bits read so far, header included. */
  int bitLength() {
    return bit;
  }

  /** Bits that are left. */
  long remaining() {
    return (long) bytes.length * Byte.SIZE - bit;
  }

  /** The next bits, 1 to 64, as the lower bits of a long. */
  long take(int bits) {
    int at = bit >>> 3;
    int used = bit & 7;
    skip(bits);
    long value = wordAt(at) << used >>> (64 - bits);
    int rest = used + bits - 64;
    return rest <= 0 ? value : value | (bytes[at + Long.BYTES] & 0xff) >>> (8 - rest);
  }

  long takeVarbitInt() {
    int bits = takeVarbitBits();
    if (bits == 0) {
      return 0;
    }
    long field = take(bits);
    if (bits == Long.SIZE) {
      return field;
    }
    long half = 1L << (bits - 1);
    return field > half ? field - (half << 1) : field;
  }

  long takeVarbitUint() {
    int bits = takeVarbitBits();
    return bits == 0 ? 0 : take(bits);
  }

  /** Reads ones up to a zero, 8 at most. */
  private int takeVarbitBits() {
    long ahead = wordAt(bit >>> 3) << (bit & 7);
    int ones = Math.min(Long.numberOfLeadingZeros(~ahead), BitWriter.VARBIT_ONES_MAX);
    skip(Math.min(ones + 1, BitWriter.VARBIT_ONES_MAX));
    return BitWriter.VARBIT_BITS[ones];
  }

  private void skip(int bits) {
    if (bits > remaining()) {
      throw new CorruptChunk("expected " + bits + " bits at bit " + bit + ", found " + remaining());
    }
    bit += bits;
  }

  private long wordAt(int at) {
    if (at + Long.BYTES <= bytes.length) {
      return (long) LONG.get(bytes, at);
    }
    long word = 0;
    for (int i = at; i < bytes.length; i++) {
      word |= (bytes[i] & 0xffL) << (56 - 8 * (i - at));
    }
    return word;
  }
}

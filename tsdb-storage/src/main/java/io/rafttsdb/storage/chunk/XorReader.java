package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.SequentialCursor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Walks the samples of a chunk that {@link XorWriter} or Prometheus wrote. The array may be longer
 * than the chunk, and may still be written to behind the samples that this reader was made for.
 *
 * <p>For one thread. Bytes that are no samples give {@link CorruptChunk}, or wrong samples where
 * nothing tells; never more samples than asked for.
 */
public final class XorReader implements SequentialCursor {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int[] DOD_BITS = {0, 14, 17, 20, 64};

  private final byte[] bytes;
  private final int count;
  private int read;
  private boolean ended;
  private int bit = XorWriter.HEADER_BYTES * Byte.SIZE;
  private long timestampMs;
  private long deltaMs;
  private long valueBits;
  private int leading = XorWriter.NO_WINDOW;
  private int trailing;

  /**
   * @param count samples to read; the chunk's own count in its header is not looked at
   */
  public XorReader(byte[] bytes, int count) {
    this.bytes = bytes;
    this.count = count;
  }

  /** Count of samples that a complete chunk has in its header. */
  public static int countOf(byte[] chunk) {
    return (chunk[0] & 0xff) << 8 | (chunk[1] & 0xff);
  }

  @Override
  public boolean next() {
    if (read == count) {
      ended = true;
      return false;
    }
    if (read == 0) {
      long zigzag = varint();
      timestampMs = (zigzag >>> 1) ^ -(zigzag & 1);
      valueBits = take(64);
    } else {
      deltaMs = read == 1 ? varint() : deltaMs + deltaOfDelta();
      timestampMs += deltaMs;
      nextValue();
    }
    read++;
    return true;
  }

  @Override
  public boolean isOnSample() {
    return read > 0 && !ended;
  }

  @Override
  public long timestampMs() {
    return timestampMs;
  }

  @Override
  public long valueBits() {
    return valueBits;
  }

  /** Samples read so far. */
  public int read() {
    return read;
  }

  /** Bits read so far, header included. */
  public int bitLength() {
    return bit;
  }

  /** Between the newest two samples. */
  long deltaMs() {
    return deltaMs;
  }

  /** Leading zeros of the present window of significant bits. */
  int leading() {
    return leading;
  }

  int trailing() {
    return trailing;
  }

  /**
   * A writer that goes on with the chunk of which this reader has read all samples.
   *
   * @throws CorruptChunk where the array holds more than these samples
   */
  public XorWriter toWriter() {
    int size = XorWriter.sizeBytes(bit);
    int unused = size * Byte.SIZE - bit;
    if (read == 0 || read < count || size != bytes.length) {
      throw corrupt("the end of samples in byte " + size + " of " + bytes.length);
    }
    if ((bytes[size - 1] & (1 << unused) - 1) != 0) {
      throw corrupt("bits that are set behind the last sample");
    }
    return new XorWriter(this, bytes);
  }

  private long deltaOfDelta() {
    long ahead = peek();
    int ones = Math.min(Long.numberOfLeadingZeros(~ahead), 4);
    if (ones == 0) {
      skip(1);
      return 0;
    }
    if (ones == 4) {
      skip(4);
      return take(64);
    }
    int bits = DOD_BITS[ones];
    skip(ones + 1 + bits);
    long field = ahead << (ones + 1) >>> (64 - bits);
    long half = 1L << (bits - 1);
    return field > half ? field - (half << 1) : field;
  }

  private void nextValue() {
    long ahead = peek();
    if (ahead >= 0) {
      skip(1);
      return;
    }
    if ((ahead & 1L << 62) == 0) {
      if (leading == XorWriter.NO_WINDOW) {
        throw corrupt("a value with the leading zeros of the one before, the first to have any");
      }
      skip(2);
    } else {
      skip(13);
      leading = (int) (ahead >>> 57) & 0x1f;
      int significant = (int) (ahead >>> 51) & 0x3f;
      trailing = 64 - leading - (significant == 0 ? 64 : significant);
      if (trailing < 0) {
        throw corrupt("a value with " + leading + " leading and " + significant + " other bits");
      }
    }
    valueBits ^= take(64 - leading - trailing) << trailing;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      long b = take(8);
      value |= (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw corrupt("a number of more than 10 bytes");
  }

  /**
   * The next bits from the top of a long downwards: at least 57 of the chunk's, or up to its end.
   */
  private long peek() {
    return wordAt(bit >>> 3) << (bit & 7);
  }

  private void skip(int bits) {
    if (bits > bytes.length * Byte.SIZE - bit) {
      throw corrupt("the chunk's end");
    }
    bit += bits;
  }

  /** The next bits, 1 to 64, as the lower bits of a long. */
  private long take(int bits) {
    int at = bit >>> 3;
    int used = bit & 7;
    skip(bits);
    long value = wordAt(at) << used >>> (64 - bits);
    int rest = used + bits - 64;
    return rest <= 0 ? value : value | (bytes[at + Long.BYTES] & 0xff) >>> (8 - rest);
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

  private CorruptChunk corrupt(String found) {
    return new CorruptChunk(
        "expected sample " + (read + 1) + " of " + count + " at bit " + bit + ", found " + found);
  }
}

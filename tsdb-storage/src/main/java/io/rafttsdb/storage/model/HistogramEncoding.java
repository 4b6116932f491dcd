package io.rafttsdb.storage.model;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A native histogram as bytes, alone and complete (docs/format/histogram.md). Equal histograms give
 * equal bytes, and each has one form only. A stale marker keeps nothing but its hint.
 */
public final class HistogramEncoding {

  private static final int HINT = 0b11;
  private static final int FLOAT = 1 << 2;
  private static final int STALE = 1 << 3;
  private static final int THRESHOLD = 1 << 4;
  private static final int FLAGS = HINT | FLOAT | STALE | THRESHOLD;

  private static final int VARINT_BYTES_MAX = 10;

  /** Flags, schema, threshold, four counts of things, count, zero count, sum. */
  private static final int FIXED_BYTES_MAX = 1 + 5 + 8 + 4 * 5 + 3 * VARINT_BYTES_MAX;

  private HistogramEncoding() {}

  public static byte[] encode(NativeHistogram histogram) {
    boolean floats = histogram.kind() == SampleKind.FLOAT_HISTOGRAM;
    int flags = histogram.hint().code() | (floats ? FLOAT : 0);
    if (histogram.isStale()) {
      return new byte[] {(byte) (flags | STALE)};
    }
    BucketLayout layout = histogram.layout();
    ByteBuffer out = ByteBuffer.allocate(sizeBytesMax(layout)).order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) (flags | (layout.zeroThresholdBits() == 0 ? 0 : THRESHOLD)));
    putLayout(out, layout);
    switch (histogram) {
      case IntegerHistogram integers -> {
        putUvarint(out, integers.count());
        putUvarint(out, integers.zeroCount());
        out.putLong(integers.sumBits());
        putZigzags(out, integers.positiveDeltas());
        putZigzags(out, integers.negativeDeltas());
      }
      case FloatHistogram bits -> {
        out.putLong(bits.countBits());
        out.putLong(bits.zeroCountBits());
        out.putLong(bits.sumBits());
        putLongs(out, bits.positiveBits());
        putLongs(out, bits.negativeBits());
      }
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  private static int sizeBytesMax(BucketLayout layout) {
    int spans = layout.positive().spanCount() + layout.negative().spanCount();
    int buckets = layout.positive().bucketCount() + layout.negative().bucketCount();
    return FIXED_BYTES_MAX
        + VARINT_BYTES_MAX * (spans + buckets)
        + Long.BYTES * layout.customBounds().length;
  }

  private static void putLayout(ByteBuffer out, BucketLayout layout) {
    putZigzag(out, layout.schema());
    if (layout.zeroThresholdBits() != 0) {
      out.putLong(layout.zeroThresholdBits());
    }
    putSpans(out, layout.positive());
    putSpans(out, layout.negative());
    if (layout.schema() == BucketLayout.SCHEMA_CUSTOM) {
      putUvarint(out, layout.customBounds().length);
      putLongs(out, layout.customBounds());
    }
  }

  private static void putSpans(ByteBuffer out, BucketSpans spans) {
    putUvarint(out, spans.spanCount());
    for (int i = 0; i < spans.spanCount(); i++) {
      putZigzag(out, spans.offsets()[i]);
      putUvarint(out, spans.lengths()[i]);
    }
  }

  private static void putLongs(ByteBuffer out, long[] values) {
    for (long value : values) {
      out.putLong(value);
    }
  }

  private static void putZigzags(ByteBuffer out, long[] values) {
    for (long value : values) {
      putZigzag(out, value);
    }
  }

  private static void putZigzag(ByteBuffer out, long value) {
    putUvarint(out, (value << 1) ^ (value >> 63));
  }

  private static void putUvarint(ByteBuffer out, long value) {
    while ((value & ~0x7fL) != 0) {
      out.put((byte) (value | 0x80));
      value >>>= 7;
    }
    out.put((byte) value);
  }

  /**
   * The histogram of such bytes; whether its numbers make sense, is not looked at.
   *
   * @throws IllegalArgumentException where the bytes are of no histogram, or not in the one form
   */
  public static NativeHistogram decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try {
      NativeHistogram histogram = take(in);
      if (in.hasRemaining()) {
        throw new IllegalArgumentException(
            "expected the end of a histogram, found " + in.remaining() + " bytes more");
      }
      return histogram;
    } catch (BufferUnderflowException | ArithmeticException e) {
      throw new IllegalArgumentException("a histogram of " + bytes.length + " bytes: " + e, e);
    }
  }

  private static NativeHistogram take(ByteBuffer in) {
    int flags = in.get();
    if ((flags & ~FLAGS) != 0 || (flags & (STALE | THRESHOLD)) == (STALE | THRESHOLD)) {
      throw new IllegalArgumentException("a histogram with flags " + Integer.toBinaryString(flags));
    }
    CounterResetHint hint = CounterResetHint.of(flags & HINT);
    boolean floats = (flags & FLOAT) != 0;
    if ((flags & STALE) != 0) {
      return floats ? FloatHistogram.stale(hint) : IntegerHistogram.stale(hint);
    }
    BucketLayout layout = takeLayout(in, (flags & THRESHOLD) != 0);
    NativeHistogram histogram =
        floats ? takeFloats(in, layout, hint) : takeIntegers(in, layout, hint);
    if (histogram.isStale()) {
      throw new IllegalArgumentException("a stale marker in the form of another histogram");
    }
    return histogram;
  }

  private static BucketLayout takeLayout(ByteBuffer in, boolean withThreshold) {
    int schema = Math.toIntExact(takeZigzag(in));
    long thresholdBits = withThreshold ? in.getLong() : 0;
    BucketSpans positive = takeSpans(in);
    BucketSpans negative = takeSpans(in);
    long[] bounds =
        schema == BucketLayout.SCHEMA_CUSTOM
            ? takeLongs(in, takeCount(in, Long.BYTES))
            : new long[0];
    BucketLayout layout = new BucketLayout(schema, thresholdBits, positive, negative, bounds);
    if ((withThreshold && layout.zeroThresholdBits() == 0)
        || !Arrays.equals(bounds, layout.customBounds())) {
      throw new IllegalArgumentException("a zero in another form than that of 0");
    }
    return layout;
  }

  private static IntegerHistogram takeIntegers(
      ByteBuffer in, BucketLayout layout, CounterResetHint hint) {
    long count = takeUvarint(in);
    long zeroCount = takeUvarint(in);
    long sumBits = in.getLong();
    return new IntegerHistogram(
        layout,
        hint,
        count,
        zeroCount,
        sumBits,
        takeZigzags(in, layout.positive().bucketCount()),
        takeZigzags(in, layout.negative().bucketCount()));
  }

  private static FloatHistogram takeFloats(
      ByteBuffer in, BucketLayout layout, CounterResetHint hint) {
    return new FloatHistogram(
        layout,
        hint,
        in.getLong(),
        in.getLong(),
        in.getLong(),
        takeLongs(in, layout.positive().bucketCount()),
        takeLongs(in, layout.negative().bucketCount()));
  }

  private static BucketSpans takeSpans(ByteBuffer in) {
    int count = takeCount(in, 2);
    int[] offsets = new int[count];
    int[] lengths = new int[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = Math.toIntExact(takeZigzag(in));
      lengths[i] = Math.toIntExact(takeUvarint(in));
    }
    return new BucketSpans(offsets, lengths);
  }

  private static long[] takeLongs(ByteBuffer in, int count) {
    checkLeft(in, count, Long.BYTES);
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.getLong();
    }
    return values;
  }

  private static long[] takeZigzags(ByteBuffer in, int count) {
    checkLeft(in, count, 1);
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = takeZigzag(in);
    }
    return values;
  }

  /** A count of things of at least so many bytes each. */
  private static int takeCount(ByteBuffer in, int bytesEach) {
    long count = takeUvarint(in);
    checkLeft(in, count, bytesEach);
    return (int) count;
  }

  private static void checkLeft(ByteBuffer in, long count, int bytesEach) {
    if (count < 0 || count > in.remaining() / bytesEach) {
      throw new IllegalArgumentException(
          "expected at most "
              + (in.remaining() / bytesEach + " things of " + bytesEach + " bytes, found ")
              + Long.toUnsignedString(count));
    }
  }

  private static long takeZigzag(ByteBuffer in) {
    long value = takeUvarint(in);
    return (value >>> 1) ^ -(value & 1);
  }

  private static long takeUvarint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      long b = in.get() & 0xff;
      value |= (b & 0x7f) << shift;
      if (b < 0x80) {
        if ((b == 0 && shift > 0) || (shift == 63 && b > 1)) {
          throw new IllegalArgumentException("a number that is not in its shortest form");
        }
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than 10 bytes");
  }
}

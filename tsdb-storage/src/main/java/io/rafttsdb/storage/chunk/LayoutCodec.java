package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;

/** The layout in front of the samples of a histogram chunk (tsdb/chunkenc/histogram_meta.go). */
final class LayoutCodec {

  private static final int THRESHOLD_ZERO = 0;

  /** The threshold's eight bytes follow. */
  private static final int THRESHOLD_RAW = 255;

  /** A power of two is stored as its exponent plus this. */
  private static final int THRESHOLD_EXPONENT_BIAS = 244;

  private static final long MANTISSA = (1L << 52) - 1;

  /** Bounds are stored as thousandths where they are whole ones of at most this many. */
  private static final double THOUSANDTHS_MAX = 33_554_430;

  private static final double THOUSAND = 1000;

  private LayoutCodec() {}

  static void write(BitWriter out, BucketLayout layout) {
    writeThreshold(out, layout.zeroThresholdBits());
    out.putVarbitInt(layout.schema());
    writeSpans(out, layout.positive());
    writeSpans(out, layout.negative());
    if (layout.schema() == BucketLayout.SCHEMA_CUSTOM) {
      out.putVarbitUint(layout.customBounds().length);
      for (long bound : layout.customBounds()) {
        writeBound(out, bound);
      }
    }
  }

  /** A layout whose buckets can all be in what is left. */
  static BucketLayout read(BitReader in) {
    long thresholdBits = readThreshold(in);
    long schema = in.takeVarbitInt();
    if (schema != (int) schema || !BucketLayout.isKnown((int) schema)) {
      throw new CorruptChunk("expected a schema from -4 to 8 or -53, found " + schema);
    }
    BucketSpans positive = readSpans(in);
    BucketSpans negative = readSpans(in);
    long[] bounds = {};
    if (schema == BucketLayout.SCHEMA_CUSTOM) {
      bounds = new long[lengthOf(in, "custom bounds")];
      for (int i = 0; i < bounds.length; i++) {
        bounds[i] = readBound(in);
      }
    }
    long buckets = (long) positive.bucketCount() + negative.bucketCount();
    if (buckets > in.remaining()) {
      throw new CorruptChunk(
          "expected buckets in " + in.remaining() + " bits, found spans of " + buckets);
    }
    return new BucketLayout((int) schema, thresholdBits, positive, negative, bounds);
  }

  private static void writeThreshold(BitWriter out, long bits) {
    int exponent = (int) (bits >>> 52) - 1023; // of a positive number, and far off for others
    int code = exponent + THRESHOLD_EXPONENT_BIAS;
    if (bits == 0) {
      out.put(THRESHOLD_ZERO, Byte.SIZE);
    } else if ((bits & MANTISSA) == 0 && code > THRESHOLD_ZERO && code < THRESHOLD_RAW) {
      out.put(code, Byte.SIZE);
    } else {
      out.put(THRESHOLD_RAW, Byte.SIZE);
      out.put(bits, Long.SIZE);
    }
  }

  private static long readThreshold(BitReader in) {
    int code = (int) in.take(Byte.SIZE);
    return switch (code) {
      case THRESHOLD_ZERO -> 0;
      case THRESHOLD_RAW -> in.take(Long.SIZE);
      default -> (long) (code - THRESHOLD_EXPONENT_BIAS + 1023) << 52;
    };
  }

  private static void writeSpans(BitWriter out, BucketSpans spans) {
    out.putVarbitUint(spans.spanCount());
    for (int i = 0; i < spans.spanCount(); i++) {
      out.putVarbitUint(spans.lengths()[i]);
      out.putVarbitInt(spans.offsets()[i]);
    }
  }

  private static BucketSpans readSpans(BitReader in) {
    int count = lengthOf(in, "spans");
    int[] offsets = new int[count];
    int[] lengths = new int[count];
    for (int i = 0; i < count; i++) {
      lengths[i] = asInt(in.takeVarbitUint(), "length");
      offsets[i] = asInt(in.takeVarbitInt(), "offset");
    }
    String problem = BucketSpans.problemOf(offsets, lengths);
    if (problem != null) {
      throw new CorruptChunk("expected spans at bit " + in.bitLength() + ", found " + problem);
    }
    return new BucketSpans(offsets, lengths);
  }

  private static int asInt(long number, String what) {
    if (number != (int) number) {
      throw new CorruptChunk("expected a span's " + what + " of 32 bits, found " + number);
    }
    return (int) number;
  }

  /** A count of things of two bits or more each. */
  private static int lengthOf(BitReader in, String what) {
    long count = in.takeVarbitUint();
    if (count < 0 || count > in.remaining() / 2) {
      throw new CorruptChunk(
          "expected "
              + what
              + (" in " + in.remaining() + " bits, found " + Long.toUnsignedString(count)));
    }
    return (int) count;
  }

  private static void writeBound(BitWriter out, long bits) {
    double bound = Double.longBitsToDouble(bits);
    double thousandths = bound * THOUSAND;
    if (thousandths >= 0 && thousandths <= THOUSANDTHS_MAX) {
      long whole = Math.round(thousandths);
      if (whole / THOUSAND == bound) {
        out.putVarbitUint(whole + 1);
        return;
      }
    }
    out.put(0, 1);
    out.put(bits, Long.SIZE);
  }

  private static long readBound(BitReader in) {
    long code = in.takeVarbitUint();
    return code == 0 ? in.take(Long.SIZE) : Double.doubleToRawLongBits((code - 1) / THOUSAND);
  }
}

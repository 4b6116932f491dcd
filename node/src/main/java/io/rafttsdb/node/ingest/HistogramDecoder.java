package io.rafttsdb.node.ingest;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.Samples;
import java.util.Arrays;

/**
 * Reads messages {@code prometheus.Histogram} in place. A field that is there twice counts as it
 * stands last, numbers in a row may come packed or one by one, and what belongs to the other kind
 * of histogram is passed over.
 *
 * <p>For one thread; keeps its memory between messages.
 */
final class HistogramDecoder {

  /** Bytes of one message. */
  static final int BYTES_MAX = 256 << 10;

  /** Buckets of a side, and so spans and bounds; the finest schema has some hundred in practice. */
  static final int BUCKETS_MAX = 10_000;

  private static final int COUNT_INT = 0x08;
  private static final int COUNT_FLOAT = 0x11;
  private static final int SUM = 0x19;
  private static final int SCHEMA = 0x20;
  private static final int ZERO_THRESHOLD = 0x29;
  private static final int ZERO_COUNT_INT = 0x30;
  private static final int ZERO_COUNT_FLOAT = 0x39;
  private static final int NEGATIVE_SPAN = 0x42;
  private static final int NEGATIVE_DELTA = 0x48;
  private static final int NEGATIVE_DELTAS = 0x4a;
  private static final int NEGATIVE_COUNT = 0x51;
  private static final int NEGATIVE_COUNTS = 0x52;
  private static final int POSITIVE_SPAN = 0x5a;
  private static final int POSITIVE_DELTA = 0x60;
  private static final int POSITIVE_DELTAS = 0x62;
  private static final int POSITIVE_COUNT = 0x69;
  private static final int POSITIVE_COUNTS = 0x6a;
  private static final int RESET_HINT = 0x70;
  private static final int TIMESTAMP = 0x78;
  private static final int CUSTOM_BOUND = 0x81;
  private static final int CUSTOM_BOUNDS = 0x82;

  private static final int SPAN_OFFSET = 0x08;
  private static final int SPAN_LENGTH = 0x10;

  /** A histogram that nobody could store; the message says why. Has no stack trace. */
  static final class BadHistogram extends Exception {
    private static final long serialVersionUID = 1L;

    BadHistogram(String message) {
      super(message, null, false, false);
    }
  }

  /** Numbers in a row, up to {@link #BUCKETS_MAX}; more are counted only. */
  private static final class Numbers {
    private long[] values = new long[32];
    private int count;

    void add(long value) {
      if (count < BUCKETS_MAX) {
        if (count == values.length) {
          values = Arrays.copyOf(values, count * 2);
        }
        values[count] = value;
      }
      count++;
    }

    long[] toArray() {
      return Arrays.copyOf(values, count);
    }

    int[] toInts() {
      int[] ints = new int[count];
      for (int i = 0; i < count; i++) {
        ints[i] = (int) values[i];
      }
      return ints;
    }
  }

  /** What one side of a histogram has. */
  private static final class Side {
    final Numbers offsets = new Numbers();
    final Numbers lengths = new Numbers();
    final Numbers deltas = new Numbers();
    final Numbers countBits = new Numbers();

    void clear() {
      offsets.count = 0;
      lengths.count = 0;
      deltas.count = 0;
      countBits.count = 0;
    }

    int longest() {
      return Math.max(offsets.count, Math.max(deltas.count, countBits.count));
    }

    BucketSpans spans() {
      return offsets.count == 0
          ? BucketSpans.NONE
          : new BucketSpans(offsets.toInts(), lengths.toInts());
    }
  }

  private final ProtoCursor fields = new ProtoCursor(new byte[0], 0, 0);
  private final ProtoCursor nested = new ProtoCursor(new byte[0], 0, 0);
  private final Side positive = new Side();
  private final Side negative = new Side();
  private final Numbers bounds = new Numbers();
  private boolean isFloat;
  private long count;
  private boolean isZeroCountFloat;
  private long zeroCount;
  private long sumBits;
  private int schema;
  private long zeroThresholdBits;
  private long hint;
  private long timestampMs;
  private int bytes;

  /**
   * Reads a message.
   *
   * @throws BadRequest where the bytes are no message
   */
  void read(byte[] message, int start, int end) throws BadRequest {
    clear();
    bytes = end - start;
    fields.reset(message, start, end);
    while (fields.hasMore()) {
      field(fields.tag(), message);
    }
  }

  private void clear() {
    positive.clear();
    negative.clear();
    bounds.count = 0;
    isFloat = false;
    count = 0;
    isZeroCountFloat = false;
    zeroCount = 0;
    sumBits = 0;
    schema = 0;
    zeroThresholdBits = 0;
    hint = 0;
    timestampMs = 0;
  }

  private void field(int tag, byte[] message) throws BadRequest {
    switch (tag) {
      case COUNT_INT, COUNT_FLOAT -> {
        isFloat = tag == COUNT_FLOAT;
        count = isFloat ? fields.fixed64() : fields.varint();
      }
      case SUM -> sumBits = fields.fixed64();
      case SCHEMA -> schema = zigzag32(fields.varint());
      case ZERO_THRESHOLD -> zeroThresholdBits = fields.fixed64();
      case ZERO_COUNT_INT, ZERO_COUNT_FLOAT -> {
        isZeroCountFloat = tag == ZERO_COUNT_FLOAT;
        zeroCount = isZeroCountFloat ? fields.fixed64() : fields.varint();
      }
      case NEGATIVE_SPAN -> span(negative, message);
      case NEGATIVE_DELTA -> negative.deltas.add(zigzag(fields.varint()));
      case NEGATIVE_DELTAS -> deltas(negative.deltas, message);
      case NEGATIVE_COUNT -> negative.countBits.add(fields.fixed64());
      case NEGATIVE_COUNTS -> floats(negative.countBits, message);
      case POSITIVE_SPAN -> span(positive, message);
      case POSITIVE_DELTA -> positive.deltas.add(zigzag(fields.varint()));
      case POSITIVE_DELTAS -> deltas(positive.deltas, message);
      case POSITIVE_COUNT -> positive.countBits.add(fields.fixed64());
      case POSITIVE_COUNTS -> floats(positive.countBits, message);
      case RESET_HINT -> hint = fields.varint();
      case TIMESTAMP -> timestampMs = fields.varint();
      case CUSTOM_BOUND -> bounds.add(fields.fixed64());
      case CUSTOM_BOUNDS -> floats(bounds, message);
      default -> fields.skip(tag);
    }
  }

  private void span(Side side, byte[] message) throws BadRequest {
    enter(message);
    int offset = 0;
    int length = 0;
    while (nested.hasMore()) {
      int tag = nested.tag();
      switch (tag) {
        case SPAN_OFFSET -> offset = zigzag32(nested.varint());
        case SPAN_LENGTH -> length = (int) nested.varint();
        default -> nested.skip(tag);
      }
    }
    side.offsets.add(offset);
    side.lengths.add(length);
  }

  private void deltas(Numbers numbers, byte[] message) throws BadRequest {
    enter(message);
    while (nested.hasMore()) {
      numbers.add(zigzag(nested.varint()));
    }
  }

  private void floats(Numbers numbers, byte[] message) throws BadRequest {
    enter(message);
    while (nested.hasMore()) {
      numbers.add(nested.fixed64());
    }
  }

  /** Moves into the field that follows, and beyond it in the message. */
  private void enter(byte[] message) throws BadRequest {
    int end = fields.lengthDelimitedEnd();
    nested.reset(message, fields.position(), end);
    fields.moveTo(end);
  }

  private static long zigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }

  private static int zigzag32(long value) {
    return (int) zigzag(value & 0xffff_ffffL);
  }

  /** Of the histogram that was read. */
  long timestampMs() {
    return timestampMs;
  }

  /**
   * The histogram that was read, of which Prometheus would take the numbers.
   *
   * @throws BadHistogram where it would not, or where it is too large
   */
  NativeHistogram histogram() throws BadHistogram {
    checkSize();
    NativeHistogram histogram;
    try {
      histogram = make();
    } catch (IllegalArgumentException e) {
      throw new BadHistogram(String.valueOf(e.getMessage()));
    }
    String problem = histogram.problem();
    if (problem != null) {
      throw new BadHistogram(problem);
    }
    return histogram;
  }

  private void checkSize() throws BadHistogram {
    int longest = Math.max(bounds.count, Math.max(positive.longest(), negative.longest()));
    if (longest > BUCKETS_MAX) {
      throw new BadHistogram(
          "native histogram with " + longest + " buckets a side, expected at most " + BUCKETS_MAX);
    }
    if (bytes > BYTES_MAX) {
      throw new BadHistogram(
          "native histogram of " + bytes + " bytes, expected at most " + BYTES_MAX);
    }
  }

  private NativeHistogram make() {
    CounterResetHint resets = CounterResetHint.of(Math.clamp(hint, -1, Integer.MAX_VALUE));
    if (sumBits == Samples.STALE) {
      return isFloat ? FloatHistogram.stale(resets) : IntegerHistogram.stale(resets);
    }
    BucketLayout layout =
        new BucketLayout(
            schema, zeroThresholdBits, positive.spans(), negative.spans(), bounds.toArray());
    long zeros = isZeroCountFloat == isFloat ? zeroCount : 0;
    return isFloat
        ? new FloatHistogram(
            layout,
            resets,
            count,
            zeros,
            sumBits,
            positive.countBits.toArray(),
            negative.countBits.toArray())
        : new IntegerHistogram(
            layout,
            resets,
            count,
            zeros,
            sumBits,
            positive.deltas.toArray(),
            negative.deltas.toArray());
  }
}

package io.rafttsdb.node.ingest;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.Samples;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/** The bytes of native histograms in a remote write request, as a sender writes them. */
final class RawHistogram {

  private RawHistogram() {}

  /** A message; fields with their default values are left out, as in proto3. */
  static byte[] of(long timestampMs, NativeHistogram histogram) {
    RawRequest message = new RawRequest();
    switch (histogram) {
      case IntegerHistogram integers -> {
        message.varint(1, integers.count());
        message.varint(6, integers.zeroCount());
        packed(message, 9, integers.negativeDeltas());
        packed(message, 12, integers.positiveDeltas());
      }
      case FloatHistogram floats -> {
        message.fixed64(2, floats.countBits());
        message.fixed64(7, floats.zeroCountBits());
        packedFloats(message, 10, floats.negativeBits());
        packedFloats(message, 13, floats.positiveBits());
      }
    }
    BucketLayout layout = histogram.layout();
    message.fixed64(3, histogram.sumBits());
    nonZero(layout.schema(), schema -> message.varint(4, zigzag(schema)));
    nonZero(layout.zeroThresholdBits(), bits -> message.fixed64(5, bits));
    spans(message, 8, layout.negative());
    spans(message, 11, layout.positive());
    nonZero(histogram.hint().code(), code -> message.varint(14, code));
    nonZero(timestampMs, time -> message.varint(15, time));
    packedFloats(message, 16, layout.customBounds());
    return message.bytes();
  }

  private static void nonZero(long value, LongConsumer write) {
    if (value != 0) {
      write.accept(value);
    }
  }

  static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }

  static byte[] span(int offset, int length) {
    return new RawRequest().varint(1, zigzag(offset)).varint(2, length).bytes();
  }

  private static void spans(RawRequest message, int field, BucketSpans spans) {
    for (int i = 0; i < spans.spanCount(); i++) {
      message.field(field, span(spans.offsets()[i], spans.lengths()[i]));
    }
  }

  private static void packed(RawRequest message, int field, long[] deltas) {
    if (deltas.length > 0) {
      RawRequest packed = new RawRequest();
      for (long delta : deltas) {
        packed.varint(zigzag(delta));
      }
      message.field(field, packed.bytes());
    }
  }

  private static void packedFloats(RawRequest message, int field, long[] bits) {
    if (bits.length > 0) {
      RawRequest packed = new RawRequest();
      for (long each : bits) {
        packed.fixed64(each);
      }
      message.field(field, packed.bytes());
    }
  }

  /** A histogram that Prometheus would store, of any kind and layout. */
  static NativeHistogram any(SplittableRandom random) {
    CounterResetHint hint = CounterResetHint.of(random.nextInt(4));
    if (random.nextInt(10) == 0) {
      return random.nextBoolean() ? IntegerHistogram.stale(hint) : FloatHistogram.stale(hint);
    }
    boolean custom = random.nextInt(3) == 0;
    BucketSpans positive = spans(random, custom ? 0 : -50);
    BucketSpans negative = custom ? BucketSpans.NONE : spans(random, -50);
    BucketLayout layout =
        custom
            ? BucketLayout.custom(positive, ascending(64))
            : BucketLayout.exponential(
                random.nextInt(BucketLayout.SCHEMA_MIN, BucketLayout.SCHEMA_MAX + 1),
                random.nextInt(3) == 0 ? 0 : Double.doubleToRawLongBits(0x1p-128),
                positive,
                negative);
    return histogram(random, layout, hint, custom ? 0 : random.nextInt(5));
  }

  private static NativeHistogram histogram(
      SplittableRandom random, BucketLayout layout, CounterResetHint hint, int zeros) {
    long[] positives = random.longs(layout.positive().bucketCount(), 0, 1 << 20).toArray();
    long[] negatives = random.longs(layout.negative().bucketCount(), 0, 1 << 20).toArray();
    long sumBits =
        switch (random.nextInt(4)) {
          case 0 -> Samples.NAN;
          case 1 -> Double.doubleToRawLongBits(-0.0);
          default -> Double.doubleToRawLongBits(random.nextDouble(-1e9, 1e9));
        };
    if (random.nextBoolean()) {
      return new FloatHistogram(
          layout,
          hint,
          Double.doubleToRawLongBits(random.nextDouble(1e9)),
          Double.doubleToRawLongBits((double) zeros),
          sumBits,
          floats(positives),
          floats(negatives));
    }
    long count = zeros;
    for (long[] side : new long[][] {positives, negatives}) {
      for (long each : side) {
        count += each;
      }
    }
    return new IntegerHistogram(
        layout, hint, count, zeros, sumBits, deltas(positives), deltas(negatives));
  }

  private static BucketSpans spans(SplittableRandom random, int from) {
    int[] pairs = new int[2 * random.nextInt(4)];
    for (int i = 0; i < pairs.length; i += 2) {
      pairs[i] = i == 0 ? random.nextInt(from, 10) : random.nextInt(3);
      pairs[i] = from == 0 ? Math.max(0, pairs[i]) : pairs[i];
      pairs[i + 1] = random.nextInt(9);
    }
    return BucketSpans.of(pairs);
  }

  private static long[] ascending(int count) {
    long[] bits = new long[count];
    for (int i = 0; i < count; i++) {
      bits[i] = Double.doubleToRawLongBits(i / 3.0);
    }
    return bits;
  }

  private static long[] floats(long[] counts) {
    long[] bits = new long[counts.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Double.doubleToRawLongBits((double) counts[i]);
    }
    return bits;
  }

  private static long[] deltas(long[] counts) {
    long[] deltas = counts.clone();
    for (int i = 1; i < deltas.length; i++) {
      deltas[i] = counts[i] - counts[i - 1];
    }
    return deltas;
  }
}

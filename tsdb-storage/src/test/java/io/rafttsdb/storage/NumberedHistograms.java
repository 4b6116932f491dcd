package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import java.util.SplittableRandom;

/**
 * Histograms of which the sum says all else, so that a model that keeps a number for each sample
 * can keep them like floats.
 */
final class NumberedHistograms {

  /** Tells the number of a histogram from that of a float with the same bits. */
  private static final long HISTOGRAM = 0x5555_aaaa_3333_ccccL;

  private NumberedHistograms() {}

  /** The histogram with a sum, which is not the stale marker. */
  static NativeHistogram of(double sum) {
    long sumBits = Double.doubleToRawLongBits(sum);
    SplittableRandom random = new SplittableRandom(sumBits);
    CounterResetHint hint =
        random.nextBoolean() ? CounterResetHint.GAUGE : CounterResetHint.UNKNOWN;
    BucketSpans spans = BucketSpans.of(random.nextInt(2), random.nextInt(1, 3));
    BucketLayout layout =
        random.nextInt(4) == 0
            ? BucketLayout.custom(
                spans, new long[] {0, Double.doubleToRawLongBits(1), sumBits | 1L << 62})
            : BucketLayout.exponential(random.nextInt(2), 0, spans, BucketSpans.NONE);
    long[] counts = random.longs(spans.bucketCount(), 0, 9).toArray();
    return random.nextInt(3) > 0
        ? new IntegerHistogram(layout, hint, random.nextInt(99), 0, sumBits, counts, new long[0])
        : new FloatHistogram(layout, hint, random.nextInt(99), 0, sumBits, counts, new long[0]);
  }

  /** The number of a sample: a float's bits, or what stands for its histogram. */
  static long numberOf(SampleBatch batch, int sample) {
    NativeHistogram histogram = batch.histogram(sample);
    return histogram == null ? batch.valueBits(sample) : numberOf(histogram);
  }

  static long numberOf(NativeHistogram histogram) {
    return histogram.sumBits() ^ HISTOGRAM;
  }

  /** The number of the sample that a cursor stands on, which is a float or one of these. */
  static long numberAt(SampleCursor cursor) {
    if (cursor.kind() == SampleKind.FLOAT) {
      return cursor.valueBits();
    }
    NativeHistogram histogram = cursor.histogram();
    assertThat(histogram.sameSample(of(Double.longBitsToDouble(histogram.sumBits()))))
        .as("%s as it was written", histogram)
        .isTrue();
    return numberOf(histogram);
  }
}

package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.NativeHistogram;

/**
 * Fields of float histograms, each of them XORed with a window of its own (Prometheus,
 * tsdb/chunkenc/float_histogram.go).
 */
final class FloatFields implements HistogramFields {

  private static final int COUNT = 0;
  private static final int ZERO_COUNT = 1;
  private static final int SUM = 2;

  /** The first of the buckets, the positive ones before the negative ones. */
  private static final int BUCKETS = 3;

  private final BucketLayout layout;
  private final int positives;
  private final XorFields fields;

  FloatFields(BucketLayout layout) {
    this.layout = layout;
    positives = layout.positive().bucketCount();
    fields = new XorFields(BUCKETS + positives + layout.negative().bucketCount());
  }

  @Override
  public void writeFirst(BitWriter out, NativeHistogram histogram) {
    FloatHistogram first = (FloatHistogram) histogram;
    fields.writeFirst(out, COUNT, first.countBits());
    fields.writeFirst(out, ZERO_COUNT, first.zeroCountBits());
    fields.writeFirst(out, SUM, first.sumBits());
    for (int i = BUCKETS; i < fields.count(); i++) {
      fields.writeFirst(out, i, bucketOf(first, i - BUCKETS));
    }
  }

  @Override
  public void writeNext(BitWriter out, NativeHistogram histogram) {
    FloatHistogram next = (FloatHistogram) histogram;
    fields.write(out, COUNT, next.countBits());
    fields.write(out, ZERO_COUNT, next.zeroCountBits());
    fields.write(out, SUM, next.sumBits());
    if (next.isStale()) {
      return;
    }
    for (int i = BUCKETS; i < fields.count(); i++) {
      fields.write(out, i, bucketOf(next, i - BUCKETS));
    }
  }

  @Override
  public void readFirst(BitReader in) {
    for (int i = 0; i < fields.count(); i++) {
      fields.readFirst(in, i);
    }
  }

  @Override
  public void readNext(BitReader in) {
    for (int i = 0; i < BUCKETS; i++) {
      fields.read(in, i);
    }
    if (isStale()) {
      return;
    }
    for (int i = BUCKETS; i < fields.count(); i++) {
      fields.read(in, i);
    }
  }

  private long bucketOf(FloatHistogram histogram, int i) {
    return i < positives ? histogram.positiveBits()[i] : histogram.negativeBits()[i - positives];
  }

  @Override
  public NativeHistogram histogram(CounterResetHint hint) {
    return new FloatHistogram(
        layout,
        hint,
        fields.value(COUNT),
        fields.value(ZERO_COUNT),
        sumBits(),
        values(BUCKETS, BUCKETS + positives),
        values(BUCKETS + positives, fields.count()));
  }

  private long[] values(int from, int to) {
    long[] values = new long[to - from];
    for (int i = 0; i < values.length; i++) {
      values[i] = fields.value(from + i);
    }
    return values;
  }

  @Override
  public long sumBits() {
    return fields.value(SUM);
  }

  @Override
  public int stateBytes() {
    return (Long.BYTES + 2) * fields.count();
  }
}

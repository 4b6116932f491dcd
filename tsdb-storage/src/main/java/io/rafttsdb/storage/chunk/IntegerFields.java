package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import java.util.Arrays;

/**
 * Fields of integer histograms: counts and buckets as changes of their changes, the sum XORed
 * (Prometheus, tsdb/chunkenc/histogram.go). The second sample needs no case of its own: the change
 * before it is 0.
 */
final class IntegerFields implements HistogramFields {

  private static final int SUM = 0;

  private final BucketLayout layout;
  private final int positives;
  private final XorFields sum = new XorFields(1);

  /** The positive buckets, each less the one before it, then the negative ones likewise. */
  private final long[] buckets;

  private final long[] bucketChanges;
  private long count;
  private long countChange;
  private long zeroCount;
  private long zeroCountChange;

  IntegerFields(BucketLayout layout) {
    this.layout = layout;
    positives = layout.positive().bucketCount();
    buckets = new long[positives + layout.negative().bucketCount()];
    bucketChanges = new long[buckets.length];
  }

  @Override
  public void writeFirst(BitWriter out, NativeHistogram histogram) {
    IntegerHistogram first = (IntegerHistogram) histogram;
    count = first.count();
    zeroCount = first.zeroCount();
    out.putVarbitUint(count);
    out.putVarbitUint(zeroCount);
    sum.writeFirst(out, SUM, first.sumBits());
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = bucketOf(first, i);
      out.putVarbitInt(buckets[i]);
    }
  }

  @Override
  public void readFirst(BitReader in) {
    count = in.takeVarbitUint();
    zeroCount = in.takeVarbitUint();
    sum.readFirst(in, SUM);
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = in.takeVarbitInt();
    }
  }

  @Override
  public void writeNext(BitWriter out, NativeHistogram histogram) {
    IntegerHistogram next = (IntegerHistogram) histogram;
    if (next.isStale()) {
      out.put(0, 1);
      out.put(0, 1);
      sum.write(out, SUM, next.sumBits());
      return;
    }
    long change = next.count() - count;
    out.putVarbitInt(change - countChange);
    countChange = change;
    count = next.count();
    change = next.zeroCount() - zeroCount;
    out.putVarbitInt(change - zeroCountChange);
    zeroCountChange = change;
    zeroCount = next.zeroCount();
    sum.write(out, SUM, next.sumBits());
    for (int i = 0; i < buckets.length; i++) {
      long bucket = bucketOf(next, i);
      change = bucket - buckets[i];
      out.putVarbitInt(change - bucketChanges[i]);
      bucketChanges[i] = change;
      buckets[i] = bucket;
    }
  }

  @Override
  public void readNext(BitReader in) {
    countChange += in.takeVarbitInt();
    count += countChange;
    zeroCountChange += in.takeVarbitInt();
    zeroCount += zeroCountChange;
    sum.read(in, SUM);
    if (isStale()) {
      return;
    }
    for (int i = 0; i < buckets.length; i++) {
      bucketChanges[i] += in.takeVarbitInt();
      buckets[i] += bucketChanges[i];
    }
  }

  private long bucketOf(IntegerHistogram histogram, int i) {
    return i < positives
        ? histogram.positiveDeltas()[i]
        : histogram.negativeDeltas()[i - positives];
  }

  @Override
  public NativeHistogram histogram(CounterResetHint hint) {
    return new IntegerHistogram(
        layout,
        hint,
        count,
        zeroCount,
        sumBits(),
        Arrays.copyOf(buckets, positives),
        Arrays.copyOfRange(buckets, positives, buckets.length));
  }

  @Override
  public long sumBits() {
    return sum.value(SUM);
  }

  @Override
  public int stateBytes() {
    return 2 * Long.BYTES * buckets.length;
  }
}

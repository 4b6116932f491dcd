package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.SequentialCursor;
import java.util.Arrays;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Some samples of a series in columns, in order of time, each time once. A sample is a float or a
 * native histogram; where all are floats there is no column for the others. Immutable.
 */
final class SampleBuffer {

  /** Accounted memory of a sample without its histogram. */
  static final int SAMPLE_BYTES = 16;

  /** Accounted memory of a histogram without the content of its arrays. */
  private static final int HISTOGRAM_BYTES = 256;

  static final SampleBuffer EMPTY = new SampleBuffer(new long[0], new long[0], null);

  private final long[] timesMs;
  private final long[] bits;
  private final @Nullable NativeHistogram @Nullable [] histograms;

  /**
   * @param timesMs ascending
   * @param bits of the floats; 0 where the sample is a histogram
   * @param histograms null where the sample is a float; no array where all are
   */
  private SampleBuffer(
      long[] timesMs, long[] bits, @Nullable NativeHistogram @Nullable [] histograms) {
    this.timesMs = timesMs;
    this.bits = bits;
    this.histograms = histograms;
  }

  int count() {
    return timesMs.length;
  }

  boolean isEmpty() {
    return timesMs.length == 0;
  }

  long timestampMs(int i) {
    return timesMs[i];
  }

  /** The bits of a float. */
  long valueBits(int i) {
    return bits[i];
  }

  /** The histogram, or null where the sample is a float. */
  @Nullable NativeHistogram histogram(int i) {
    return histograms == null ? null : histograms[i];
  }

  SampleKind kind(int i) {
    NativeHistogram histogram = histogram(i);
    return histogram == null ? SampleKind.FLOAT : histogram.kind();
  }

  /**
   * Place of a time, or, where none of the samples has it, -1 minus the place that it would get.
   */
  int find(long timestampMs) {
    return Arrays.binarySearch(timesMs, timestampMs);
  }

  /** Accounted memory. */
  long bytes() {
    long bytes = (long) timesMs.length * SAMPLE_BYTES;
    if (histograms != null) {
      for (NativeHistogram each : histograms) {
        bytes += each == null ? 0 : bytesOf(each.layout());
      }
    }
    return bytes;
  }

  private static long bytesOf(BucketLayout layout) {
    long spans = (long) layout.positive().spanCount() + layout.negative().spanCount();
    long buckets = (long) layout.positive().bucketCount() + layout.negative().bucketCount();
    return HISTOGRAM_BYTES + Long.BYTES * (spans + buckets + layout.customBounds().length);
  }

  /**
   * These and one more, at a time that none of them has.
   *
   * @param valueBits of a float
   * @param histogram null for a float
   */
  SampleBuffer with(long timestampMs, long valueBits, @Nullable NativeHistogram histogram) {
    int place = -find(timestampMs) - 1;
    @Nullable NativeHistogram[] all = null;
    if (histograms != null || histogram != null) {
      all = new NativeHistogram[timesMs.length + 1];
      if (histograms != null) {
        System.arraycopy(histograms, 0, all, 0, place);
        System.arraycopy(histograms, place, all, place + 1, timesMs.length - place);
      }
      all[place] = histogram;
    }
    return new SampleBuffer(
        inserted(timesMs, place, timestampMs), inserted(bits, place, valueBits), all);
  }

  private static long[] inserted(long[] array, int place, long value) {
    long[] longer = Arrays.copyOf(array, array.length + 1);
    System.arraycopy(array, place, longer, place + 1, array.length - place);
    longer[place] = value;
    return longer;
  }

  /** Those at some of the times. */
  SampleBuffer where(LongPredicate isWanted) {
    Builder some = new Builder(timesMs.length);
    for (int i = 0; i < timesMs.length; i++) {
      if (isWanted.test(timesMs[i])) {
        some.add(timesMs[i], bits[i], histogram(i));
      }
    }
    return some.build();
  }

  /**
   * End, exclusive, of the samples of one kind and one block range that begin at a place: they make
   * one chunk, or several where histograms do not go together.
   */
  int runEnd(int start, long rangeMs) {
    long endMs = ChunkCut.rangeEndMs(timesMs[start], rangeMs);
    SampleKind kind = kind(start);
    int end = start + 1;
    while (end < timesMs.length && timesMs[end] < endMs && kind(end) == kind) {
      end++;
    }
    return end;
  }

  /** Walks all of them. */
  SampleCursor samples() {
    return new Cursor(this);
  }

  private static final class Cursor implements SequentialCursor {
    private final SampleBuffer buffer;
    private int at = -1;

    Cursor(SampleBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public boolean next() {
      at = Math.min(at + 1, buffer.count());
      return at < buffer.count();
    }

    @Override
    public boolean isOnSample() {
      return at >= 0 && at < buffer.count();
    }

    @Override
    public long timestampMs() {
      return buffer.timesMs[at];
    }

    @Override
    public long valueBits() {
      return buffer.bits[at];
    }

    @Override
    public SampleKind kind() {
      return buffer.kind(at);
    }

    @Override
    public NativeHistogram histogram() {
      NativeHistogram histogram = buffer.histogram(at);
      if (histogram == null) {
        throw new IllegalStateException("a histogram was asked for at a float");
      }
      return histogram;
    }
  }

  /** Collects samples, no two of one time. For one thread; of no use after the building. */
  static final class Builder {
    private final long[] timesMs;
    private final long[] bits;
    private @Nullable NativeHistogram @Nullable [] histograms;
    private int count;
    private boolean isInOrder = true;

    Builder(int countMax) {
      timesMs = new long[countMax];
      bits = new long[countMax];
    }

    /** Adds a float, or a histogram where there is one. */
    void add(long timestampMs, long valueBits, @Nullable NativeHistogram histogram) {
      isInOrder &= count == 0 || timestampMs > timesMs[count - 1];
      timesMs[count] = timestampMs;
      bits[count] = valueBits;
      if (histogram != null) {
        @Nullable NativeHistogram[] column =
            histograms == null ? new NativeHistogram[timesMs.length] : histograms;
        column[count] = histogram;
        histograms = column;
      }
      count++;
    }

    /** Adds all samples of a cursor that was not moved yet. */
    void addAll(SampleCursor samples) {
      while (samples.next()) {
        boolean isFloat = samples.kind() == SampleKind.FLOAT;
        add(
            samples.timestampMs(),
            isFloat ? samples.valueBits() : 0,
            isFloat ? null : samples.histogram());
      }
    }

    SampleBuffer build() {
      if (count == 0) {
        return EMPTY;
      }
      return isInOrder
          ? new SampleBuffer(
              Arrays.copyOf(timesMs, count),
              Arrays.copyOf(bits, count),
              histograms == null ? null : Arrays.copyOf(histograms, count))
          : sorted();
    }

    private SampleBuffer sorted() {
      long[] times = Arrays.copyOf(timesMs, count);
      Arrays.sort(times);
      long[] values = new long[count];
      @Nullable NativeHistogram[] column = histograms == null ? null : new NativeHistogram[count];
      for (int i = 0; i < count; i++) {
        int place = Arrays.binarySearch(times, timesMs[i]);
        values[place] = bits[i];
        if (column != null && histograms != null) {
          column[place] = histograms[i];
        }
      }
      return new SampleBuffer(times, values, column);
    }
  }
}

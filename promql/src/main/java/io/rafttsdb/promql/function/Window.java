package io.rafttsdb.promql.function;

import io.rafttsdb.promql.value.HeldHistograms;
import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Samples;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one series in a time range that slides forward: older ones leave, newer ones are
 * read from the cursor, stale markers are left out. Reused for many series; for one thread.
 */
public final class Window {

  private static final int CAPACITY_FIRST = 256;

  private long[] timesMs = new long[CAPACITY_FIRST];
  private double[] values = new double[CAPACITY_FIRST];
  // Beside the values, null until there is a histogram; a value that is one is NaN.
  private @Nullable Histogram @Nullable [] histograms;
  private int histogramCount;
  private int from;
  private int to;
  // Array place of the newest sample that is less than the one before it; -1: there is none.
  private int lastDrop;

  private SampleCursor cursor = NO_SAMPLES;
  private boolean pending; // the cursor stands on a sample that is not in the window yet
  private boolean ended;

  private long startMs;
  private long endMs;
  private long evaluationMs;

  /** Begins with another series. */
  public void reset(SampleCursor samples) {
    cursor = samples;
    pending = false;
    ended = false;
    from = 0;
    to = 0;
    histograms = null;
    histogramCount = 0;
    lastDrop = -1;
    startMs = Long.MIN_VALUE;
    endMs = Long.MIN_VALUE;
  }

  /**
   * Moves to the range ({@code startMs}, {@code endMs}], neither end before where it was.
   *
   * @param evaluationMs time of the step, which is not the range's end with an offset
   * @return samples read for it
   */
  public int slide(long startMs, long endMs, long evaluationMs) {
    if (startMs < this.startMs || endMs < this.endMs) {
      throw new IllegalArgumentException(
          "window ("
              + startMs
              + ", "
              + endMs
              + "] after ("
              + this.startMs
              + ", "
              + this.endMs
              + "]");
    }
    this.startMs = startMs;
    this.endMs = endMs;
    this.evaluationMs = evaluationMs;
    while (from < to && timesMs[from] <= startMs) {
      if (histogramCount > 0) {
        forget(from);
      }
      from++;
    }
    if (from == to) {
      from = 0;
      to = 0;
      lastDrop = -1;
    }
    return read();
  }

  private int read() {
    if (ended) {
      return 0;
    }
    if (!pending || cursor.timestampMs() <= startMs) {
      pending = cursor.seek(startMs + 1);
    }
    int read = 0;
    while (pending && cursor.timestampMs() <= endMs) {
      if (cursor.kind() == SampleKind.FLOAT) {
        long bits = cursor.valueBits();
        if (bits != Samples.STALE) {
          append(cursor.timestampMs(), HistogramTable.clean(bits));
        }
      } else {
        appendHistogram();
      }
      read++;
      pending = cursor.next();
    }
    ended = !pending;
    return read;
  }

  private void append(long timeMs, double value) {
    if (to == values.length) {
      makeRoom();
    }
    if (to > from && value < values[to - 1]) {
      lastDrop = to;
    }
    timesMs[to] = timeMs;
    values[to] = value;
    to++;
  }

  private void appendHistogram() {
    Histogram histogram;
    if (cursor instanceof HeldHistograms held) {
      histogram = held.held();
    } else {
      NativeHistogram stored = cursor.histogram();
      if (stored.isStale()) {
        return;
      }
      histogram = Histogram.of(stored);
    }
    append(cursor.timestampMs(), Double.NaN);
    @Nullable Histogram[] all = histograms;
    if (all == null) {
      all = new Histogram[values.length];
      histograms = all;
    }
    all[to - 1] = histogram;
    histogramCount++;
  }

  private void forget(int place) {
    @Nullable Histogram[] all = histograms;
    if (all != null && all[place] != null) {
      all[place] = null;
      histogramCount--;
    }
  }

  private void makeRoom() {
    int size = to - from;
    if (size > values.length / 2) {
      timesMs = Arrays.copyOf(timesMs, values.length * 2);
      values = Arrays.copyOf(values, values.length * 2);
      if (histograms != null) {
        histograms = Arrays.copyOf(histograms, values.length);
      }
      return;
    }
    if (histograms != null) {
      System.arraycopy(histograms, from, histograms, 0, size);
      Arrays.fill(histograms, size, histograms.length, null);
    }
    System.arraycopy(timesMs, from, timesMs, 0, size);
    System.arraycopy(values, from, values, 0, size);
    lastDrop -= from;
    from = 0;
    to = size;
  }

  /** Number of samples. */
  public int size() {
    return to - from;
  }

  /** How many of the samples are histograms; their value is NaN. */
  public int histogramCount() {
    return histogramCount;
  }

  /** The histogram that a sample is, or null where it is a float. */
  public @Nullable Histogram histogram(int sample) {
    return histograms == null ? null : histograms[from + sample];
  }

  /** A window of the same range with the floats alone. */
  public Window floats() {
    Window floats = new Window();
    floats.lastDrop = -1;
    floats.startMs = startMs;
    floats.endMs = endMs;
    floats.evaluationMs = evaluationMs;
    for (int i = 0; i < size(); i++) {
      if (histogram(i) == null) {
        floats.append(timeMs(i), value(i));
      }
    }
    return floats;
  }

  public double value(int sample) {
    return values[from + sample];
  }

  public long timeMs(int sample) {
    return timesMs[from + sample];
  }

  public double first() {
    return values[from];
  }

  public double last() {
    return values[to - 1];
  }

  public long firstMs() {
    return timesMs[from];
  }

  public long lastMs() {
    return timesMs[to - 1];
  }

  /** Whether any sample is less than the one before it. */
  public boolean hasDrop() {
    return lastDrop > from;
  }

  /** Start of the range, exclusive. */
  public long startMs() {
    return startMs;
  }

  /** End of the range, inclusive. */
  public long endMs() {
    return endMs;
  }

  /** Time of the step. */
  public long evaluationMs() {
    return evaluationMs;
  }

  private static final SampleCursor NO_SAMPLES =
      new SampleCursor() {
        @Override
        public boolean next() {
          return false;
        }

        @Override
        public boolean seek(long timestampMs) {
          return false;
        }

        @Override
        public long timestampMs() {
          throw new IllegalStateException("no sample");
        }

        @Override
        public long valueBits() {
          throw new IllegalStateException("no sample");
        }
      };
}

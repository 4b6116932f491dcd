package io.rafttsdb.promql.value;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The native histograms that a query holds. A slot of a column is a {@code double}: where the value
 * is a histogram the slot has bits that no float of a query has, and in them its place here. So
 * floats pay next to nothing for histograms. Each slot that stands in a column is of one column
 * alone, and is given back when the column is used up. For one thread.
 *
 * <p>The bits are those of a signalling NaN: arithmetic with a slot by mistake gives another NaN,
 * never another slot. Samples with such bits become plain NaNs as they are read ({@link #clean}).
 */
public final class HistogramTable {

  private static final int MARK = 0x7ff4_0000;
  private static final int PLACE_BITS = 32;
  private static final int BESIDE_BUCKETS = 8; // samples that a histogram without buckets weighs

  private final LongConsumer held;
  private final List<@Nullable Histogram> histograms = new ArrayList<>();
  private int[] free = new int[16];
  private int freeCount;

  /**
   * An empty table.
   *
   * @param held told how many samples more are held, fewer where negative; may throw
   */
  public HistogramTable(LongConsumer held) {
    this.held = held;
  }

  public static boolean isHistogram(double slot) {
    return (int) (Double.doubleToRawLongBits(slot) >>> PLACE_BITS) == MARK;
  }

  /** A stored float as it may stand in a column. */
  public static double clean(long bits) {
    return (int) (bits >>> PLACE_BITS) == MARK ? Double.NaN : Double.longBitsToDouble(bits);
  }

  /** How many samples a histogram counts for where memory is limited. */
  private static int weight(Histogram histogram) {
    return BESIDE_BUCKETS + histogram.positive().size() + histogram.negative().size();
  }

  /** Keeps a histogram; its slot. */
  public double add(Histogram histogram) {
    held.accept(weight(histogram));
    int place;
    if (freeCount > 0) {
      place = free[--freeCount];
      histograms.set(place, histogram);
    } else {
      place = histograms.size();
      histograms.add(histogram);
    }
    return Double.longBitsToDouble(((long) MARK << PLACE_BITS) | place);
  }

  public Histogram get(double slot) {
    Histogram histogram = histograms.get(place(slot));
    if (histogram == null) {
      throw new IllegalStateException("a histogram is used after it was given back");
    }
    return histogram;
  }

  /** The histogram of a slot that is given back. */
  public Histogram take(double slot) {
    Histogram histogram = get(slot);
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, freeCount * 2);
    }
    int place = place(slot);
    histograms.set(place, null);
    free[freeCount++] = place;
    held.accept(-weight(histogram));
    return histogram;
  }

  private static int place(double slot) {
    if (!isHistogram(slot)) {
      throw new IllegalArgumentException("no histogram: " + slot);
    }
    return (int) Double.doubleToRawLongBits(slot);
  }
}

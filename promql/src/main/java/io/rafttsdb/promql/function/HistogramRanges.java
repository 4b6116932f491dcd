package io.rafttsdb.promql.function;

import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.Histogram.Fit;
import io.rafttsdb.promql.value.HistogramTable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the functions over a range make of native histograms. */
public final class HistogramRanges {

  private static final Map<String, HistogramWindowFunction> BY_NAME =
      Map.ofEntries(
          Map.entry("rate", (w, t, r) -> keep(HistogramRates.extrapolated(w, r, true, true), t)),
          Map.entry(
              "increase", (w, t, r) -> keep(HistogramRates.extrapolated(w, r, true, false), t)),
          Map.entry("delta", (w, t, r) -> keep(HistogramRates.extrapolated(w, r, false, false), t)),
          Map.entry("irate", (w, t, r) -> HistogramRates.ofLastTwo(w, t, r, true)),
          Map.entry("idelta", (w, t, r) -> HistogramRates.ofLastTwo(w, t, r, false)),
          Map.entry("changes", (w, _, _) -> changes(w)),
          Map.entry("resets", (w, _, _) -> resets(w)),
          Map.entry("count_over_time", (w, _, _) -> w.size()),
          Map.entry("present_over_time", (_, _, _) -> 1),
          Map.entry("first_over_time", (w, t, _) -> sample(w, 0, t)),
          Map.entry("last_over_time", (w, t, _) -> sample(w, w.size() - 1, t)),
          Map.entry("sum_over_time", (w, t, r) -> keep(sum(w, r), t)),
          Map.entry("avg_over_time", HistogramRanges::average));

  private HistogramRanges() {}

  /** What a function makes of a window with histograms; null: it leaves them out. */
  public static @Nullable HistogramWindowFunction of(String function) {
    return BY_NAME.get(function);
  }

  /** The value of a function that leaves histograms out. */
  public static double ofFloats(
      WindowFunction compute, Window window, double[] parameters, Remarks remarks) {
    if (window.histogramCount() == window.size()) {
      return Column.absent();
    }
    remarks.ignoredHistograms();
    return compute.apply(window.floats(), parameters);
  }

  static double keep(@Nullable Histogram histogram, HistogramTable table) {
    return histogram == null ? Column.absent() : table.add(histogram);
  }

  private static double sample(Window window, int sample, HistogramTable table) {
    Histogram histogram = window.histogram(sample);
    return histogram == null ? window.value(sample) : table.add(histogram);
  }

  private static @Nullable Histogram sum(Window window, Remarks remarks) {
    if (window.histogramCount() < window.size()) {
      remarks.mixed();
      return null;
    }
    Histogram sum = null;
    for (int i = 0; i < window.size(); i++) {
      Histogram histogram = window.histogram(i);
      if (histogram == null) {
        continue;
      }
      Fit fit = sum == null ? Fit.FITS : sum.fit(histogram);
      if (fit != Fit.FITS) {
        remarks.unfit(fit);
        return null;
      }
      sum = sum == null ? histogram : sum.plus(histogram);
    }
    return sum;
  }

  private static double average(Window window, HistogramTable table, Remarks remarks) {
    Histogram sum = sum(window, remarks);
    return keep(sum == null ? null : sum.by(window.size()), table);
  }

  private static double changes(Window window) {
    int changes = 0;
    for (int i = 1; i < window.size(); i++) {
      Histogram before = window.histogram(i - 1);
      Histogram histogram = window.histogram(i);
      boolean same;
      if (before == null || histogram == null) {
        same =
            before == null
                && histogram == null
                && (window.value(i) == window.value(i - 1)
                    || (Double.isNaN(window.value(i)) && Double.isNaN(window.value(i - 1))));
      } else {
        same = histogram.sameAs(before);
      }
      changes += same ? 0 : 1;
    }
    return changes;
  }

  /** From a float to a histogram, and back, is a reset, too. */
  private static double resets(Window window) {
    int resets = 0;
    for (int i = 1; i < window.size(); i++) {
      Histogram before = window.histogram(i - 1);
      Histogram histogram = window.histogram(i);
      boolean reset;
      if (before == null || histogram == null) {
        reset = (before == null) != (histogram == null) || window.value(i) < window.value(i - 1);
      } else {
        reset = histogram.isResetSince(before);
      }
      resets += reset ? 1 : 0;
    }
    return resets;
  }
}

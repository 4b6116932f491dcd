package io.rafttsdb.promql.function;

import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.Histogram.Fit;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.storage.model.CounterResetHint;
import org.jspecify.annotations.Nullable;

/** Changes of native histograms over a range. */
final class HistogramRates {

  private HistogramRates() {}

  /** As of floats, but never cut at where the counter was zero. */
  static @Nullable Histogram extrapolated(
      Window window, Remarks remarks, boolean counter, boolean perSecond) {
    if (window.size() < 2) {
      return null;
    }
    Histogram[] all = all(window, remarks);
    Histogram change = all == null ? null : change(all, remarks, counter);
    if (change == null) {
      return null;
    }
    double factor = Rates.stretch(window, false, 0, 0);
    if (perSecond) {
      factor /= (window.endMs() - window.startMs()) / 1000.0;
    }
    return change.times(factor).with(CounterResetHint.GAUGE);
  }

  /** All samples, or null where there are floats among them. */
  private static Histogram @Nullable [] all(Window window, Remarks remarks) {
    Histogram[] all = new Histogram[window.size()];
    for (int i = 0; i < all.length; i++) {
      Histogram histogram = window.histogram(i);
      if (histogram == null) {
        remarks.mixed();
        return null;
      }
      all[i] = histogram;
    }
    return all;
  }

  private static @Nullable Histogram change(Histogram[] all, Remarks remarks, boolean counter) {
    Histogram first = all[0];
    Histogram last = all[all.length - 1];
    if (counter) {
      for (Histogram histogram : all) {
        if (histogram.isGauge()) {
          remarks.notCounter();
          break;
        }
      }
    }
    // With a reset right after the first one, that says nothing of the others.
    if (counter && all[1].isResetSince(first)) {
      first = all[1].zero();
    }
    for (int i = counter ? 1 : all.length - 1; i < all.length; i++) {
      if (all[i].isCustom() != first.isCustom()) {
        remarks.unfit(Fit.CUSTOM_AND_EXPONENTIAL);
        return null;
      }
    }
    if (last.fit(first) != Fit.FITS) {
      remarks.unfit(last.fit(first));
      return null;
    }
    Histogram change = last.minus(first);
    if (!counter) {
      if (!all[0].isGauge() || !last.isGauge()) {
        remarks.notGauge();
      }
      return change;
    }
    Histogram before = first;
    for (int i = 1; i < all.length; i++) {
      if (all[i].isResetSince(before)) {
        if (change.fit(before) != Fit.FITS) {
          remarks.unfit(change.fit(before));
          return null;
        }
        change = change.plus(before);
      }
      before = all[i];
    }
    return change;
  }

  static double ofLastTwo(Window window, HistogramTable table, Remarks remarks, boolean rate) {
    int size = window.size();
    if (size < 2) {
      return Column.absent();
    }
    Histogram before = window.histogram(size - 2);
    Histogram last = window.histogram(size - 1);
    double seconds = (window.lastMs() - window.timeMs(size - 2)) / 1000.0;
    if (before == null || last == null) {
      if (before == null && last == null) {
        return Rates.ofLastTwo(window, rate);
      }
      remarks.mixed();
      return Column.absent();
    }
    if (rate && (last.isGauge() || before.isGauge())) {
      remarks.notCounter();
    }
    if (!rate && !(last.isGauge() && before.isGauge())) {
      remarks.notGauge();
    }
    Histogram change = last;
    if (!rate || !last.isResetSince(before)) {
      if (last.fit(before) != Fit.FITS) {
        remarks.unfit(last.fit(before));
        return Column.absent();
      }
      change = last.minus(before);
    }
    return table.add((rate ? change.by(seconds) : change).with(CounterResetHint.GAUGE));
  }
}

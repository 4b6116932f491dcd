package io.rafttsdb.promql.function;

import io.rafttsdb.promql.value.Column;

/** Changes of a series over a range: rate, increase, delta and their relatives. */
final class Rates {

  /** A gap up to this many average sample distances is filled to the range's boundary. */
  private static final double GAP_FACTOR = 1.1;

  private Rates() {}

  static double rate(Window window, double[] parameters) {
    return extrapolated(window, true, true);
  }

  static double increase(Window window, double[] parameters) {
    return extrapolated(window, true, false);
  }

  static double delta(Window window, double[] parameters) {
    return extrapolated(window, false, false);
  }

  static double irate(Window window, double[] parameters) {
    int size = window.size();
    if (size < 2) {
      return Column.absent();
    }
    double last = window.last();
    double before = window.value(size - 2);
    double change = last < before ? last : last - before;
    return change / ((window.lastMs() - window.timeMs(size - 2)) / 1000.0);
  }

  /** The rate or the difference of the last two samples. */
  static double ofLastTwo(Window window, boolean rate) {
    double[] none = {};
    return rate ? irate(window, none) : idelta(window, none);
  }

  static double idelta(Window window, double[] parameters) {
    int size = window.size();
    return size < 2 ? Column.absent() : window.last() - window.value(size - 2);
  }

  static double changes(Window window, double[] parameters) {
    int changes = 0;
    for (int i = 1; i < window.size(); i++) {
      double before = window.value(i - 1);
      double value = window.value(i);
      if (value != before && !(Double.isNaN(value) && Double.isNaN(before))) {
        changes++;
      }
    }
    return changes;
  }

  static double resets(Window window, double[] parameters) {
    int resets = 0;
    if (window.hasDrop()) {
      for (int i = 1; i < window.size(); i++) {
        if (window.value(i) < window.value(i - 1)) {
          resets++;
        }
      }
    }
    return resets;
  }

  /**
   * The change between first and last sample, stretched to the whole range. Where the gap to a
   * boundary is too wide for the series to go on up to it, by half an average distance only; and a
   * counter not beyond where it would have been zero.
   */
  private static double extrapolated(Window window, boolean counter, boolean perSecond) {
    int intervals = window.size() - 1;
    if (intervals < 1) {
      return Column.absent();
    }
    double change = window.last() - window.first();
    if (counter && window.hasDrop()) {
      change = plusDrops(window, change);
    }
    double factor = stretch(window, counter && window.first() >= 0, window.first(), change);
    if (perSecond) {
      factor /= (window.endMs() - window.startMs()) / 1000.0;
    }
    return change * factor;
  }

  /**
   * How much longer than the time between the samples the series is taken to have gone on.
   *
   * @param fromZero whether it goes back to where it was zero at most
   */
  static double stretch(Window window, boolean fromZero, double first, double change) {
    int intervals = window.size() - 1;
    double sampled = (window.lastMs() - window.firstMs()) / 1000.0;
    double average = sampled / intervals;
    double toStart = (window.firstMs() - window.startMs()) / 1000.0;
    double toEnd = (window.endMs() - window.lastMs()) / 1000.0;
    if (toStart >= average * GAP_FACTOR) {
      toStart = average / 2;
    }
    if (fromZero && change > 0) {
      double toZero = sampled * (first / change);
      if (toZero < toStart) {
        toStart = toZero;
      }
    }
    if (toEnd >= average * GAP_FACTOR) {
      toEnd = average / 2;
    }
    return (sampled + toStart + toEnd) / sampled;
  }

  private static double plusDrops(Window window, double change) {
    double sum = change;
    for (int i = 1; i < window.size(); i++) {
      double before = window.value(i - 1);
      if (window.value(i) < before) {
        sum += before;
      }
    }
    return sum;
  }
}

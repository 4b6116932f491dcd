package io.rafttsdb.promql.function;

/** Aggregations of the samples in a range. */
final class OverTime {

  private OverTime() {}

  static double count(Window window, double[] parameters) {
    return window.size();
  }

  static double present(Window window, double[] parameters) {
    return 1;
  }

  static double first(Window window, double[] parameters) {
    return window.first();
  }

  static double last(Window window, double[] parameters) {
    return window.last();
  }

  static double sum(Window window, double[] parameters) {
    double sum = 0;
    double compensation = 0;
    for (int i = 0; i < window.size(); i++) {
      double term = window.value(i);
      double next = sum + term;
      compensation = KahanSum.compensation(sum, term, next, compensation);
      sum = next;
    }
    return Double.isInfinite(sum) ? sum : sum + compensation;
  }

  static double avg(Window window, double[] parameters) {
    Mean mean = new Mean();
    for (int i = 0; i < window.size(); i++) {
      mean.add(window.value(i));
    }
    return mean.value();
  }

  static double min(Window window, double[] parameters) {
    double min = window.first();
    for (int i = 1; i < window.size(); i++) {
      double value = window.value(i);
      if (value < min || Double.isNaN(min)) {
        min = value;
      }
    }
    return min;
  }

  static double max(Window window, double[] parameters) {
    double max = window.first();
    for (int i = 1; i < window.size(); i++) {
      double value = window.value(i);
      if (value > max || Double.isNaN(max)) {
        max = value;
      }
    }
    return max;
  }

  static double stddev(Window window, double[] parameters) {
    return Math.sqrt(stdvar(window, parameters));
  }

  /** Welford's algorithm with compensated sums. */
  static double stdvar(Window window, double[] parameters) {
    KahanSum mean = new KahanSum();
    KahanSum squares = new KahanSum();
    int size = window.size();
    for (int i = 0; i < size; i++) {
      double value = window.value(i);
      double delta = value - mean.value();
      mean.add(delta / (i + 1));
      squares.add(delta * (value - mean.value()));
    }
    return squares.value() / size;
  }

  static double quantile(Window window, double[] parameters) {
    double[] values = new double[window.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = window.value(i);
    }
    return Quantile.of(parameters[0], values);
  }
}

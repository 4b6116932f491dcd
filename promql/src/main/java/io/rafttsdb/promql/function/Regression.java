package io.rafttsdb.promql.function;

import io.rafttsdb.promql.value.Column;

/** Straight lines through the samples in a range, by least squares with compensated sums. */
final class Regression {

  private Regression() {}

  static double deriv(Window window, double[] parameters) {
    return window.size() < 2 ? Column.absent() : new Line(window, window.firstMs()).slope;
  }

  static double predictLinear(Window window, double[] parameters) {
    if (window.size() < 2) {
      return Column.absent();
    }
    Line line = new Line(window, window.evaluationMs());
    return line.slope * parameters[0] + line.intercept;
  }

  private static final class Line {
    final double slope;
    final double intercept;

    /** The intercept is the value at {@code originMs}. */
    Line(Window window, long originMs) {
      KahanSum x = new KahanSum();
      KahanSum y = new KahanSum();
      KahanSum xy = new KahanSum();
      KahanSum xx = new KahanSum();
      boolean constant = true;
      int size = window.size();
      double first = window.first();
      for (int i = 0; i < size; i++) {
        double value = window.value(i);
        double seconds = (window.timeMs(i) - originMs) / 1000.0;
        constant &= i == 0 || value == first;
        x.add(seconds);
        y.add(value);
        xy.add(seconds * value);
        xx.add(seconds * seconds);
      }
      if (constant) {
        boolean infinite = Double.isInfinite(first);
        slope = infinite ? Double.NaN : 0;
        intercept = infinite ? Double.NaN : first;
        return;
      }
      double covariance = xy.value() - x.value() * y.value() / size;
      double variance = xx.value() - x.value() * x.value() / size;
      slope = covariance / variance;
      intercept = y.value() / size - slope * x.value() / size;
    }
  }
}

package io.rafttsdb.promql.function;

import java.util.Arrays;

/** Quantiles of plain values. */
public final class Quantile {

  private Quantile() {}

  /**
   * Linear between the two values around rank q * (n - 1); NaN counts as less than any number.
   *
   * @param values at least one; sorted by this
   */
  public static double of(double q, double[] values) {
    if (Double.isNaN(q) || values.length == 0) {
      return Double.NaN;
    }
    if (q < 0) {
      return Double.NEGATIVE_INFINITY;
    }
    if (q > 1) {
      return Double.POSITIVE_INFINITY;
    }
    sortNanFirst(values);
    double rank = q * (values.length - 1);
    int lower = (int) Math.max(0, Math.floor(rank));
    int upper = Math.min(values.length - 1, lower + 1);
    double weight = rank - Math.floor(rank);
    return values[lower] * (1 - weight) + values[upper] * weight;
  }

  private static void sortNanFirst(double[] values) {
    Arrays.sort(values);
    int numbers = values.length;
    while (numbers > 0 && Double.isNaN(values[numbers - 1])) {
      numbers--;
    }
    int nans = values.length - numbers;
    if (nans > 0) {
      System.arraycopy(values, 0, values, nans, numbers);
      Arrays.fill(values, 0, nans, Double.NaN);
    }
  }
}

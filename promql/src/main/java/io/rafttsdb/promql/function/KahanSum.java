package io.rafttsdb.promql.function;

/**
 * A sum with Neumaier's compensation (Kahan's algorithm, improved for terms larger than the sum).
 * The compensation is dropped when the sum becomes infinite.
 */
public final class KahanSum {

  private double sum;
  private double compensation;

  public void reset() {
    sum = 0;
    compensation = 0;
  }

  public void add(double term) {
    double next = sum + term;
    compensation = compensation(sum, term, next, compensation);
    sum = next;
  }

  /** The compensation after {@code next = sum + term}. */
  public static double compensation(double sum, double term, double next, double before) {
    if (Double.isInfinite(next)) {
      return 0;
    }
    return Math.abs(sum) >= Math.abs(term)
        ? before + ((sum - next) + term)
        : before + ((term - next) + sum);
  }

  public double value() {
    return sum + compensation;
  }
}

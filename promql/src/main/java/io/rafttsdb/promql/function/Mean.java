package io.rafttsdb.promql.function;

/**
 * A mean from a compensated sum; where that would overflow, it goes on as an incremental mean. As
 * Prometheus computes it, bit for bit.
 */
public final class Mean {

  private double count;
  private double sum;
  private double compensation;
  private boolean incremental;

  public void add(double value) {
    count++;
    if (count == 1) {
      sum = value;
      return;
    }
    if (!incremental) {
      double next = sum + value;
      if (!Double.isInfinite(next)) {
        compensation = KahanSum.compensation(sum, value, next, compensation);
        sum = next;
        return;
      }
      incremental = true;
      sum /= count - 1;
      compensation /= count - 1;
    }
    double weight = (count - 1) / count;
    double weighted = weight * sum;
    double term = value / count;
    double next = weighted + term;
    compensation = KahanSum.compensation(weighted, term, next, weight * compensation);
    sum = next;
  }

  public double value() {
    return incremental ? sum + compensation : sum / count + compensation / count;
  }
}

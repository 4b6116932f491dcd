package io.rafttsdb.promql.function;

/**
 * The buckets of a classic histogram at one time: cumulative counts by upper bound. Filled in order
 * of rising bounds, asked once, then cleared; for one thread.
 */
public final class Buckets {

  /** Counts that differ by no more than this part of their sum are taken as equal. */
  private static final double TOLERANCE = 1e-12;

  private final double[] bounds;
  private final double[] counts;
  private int size;
  private boolean forced;

  public Buckets(int sizeMax) {
    bounds = new double[sizeMax];
    counts = new double[sizeMax];
  }

  public void clear() {
    size = 0;
    forced = false;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /** Adds a bucket whose bound is not below the last one's; equal bounds become one bucket. */
  public void add(double bound, double count) {
    if (size > 0 && bounds[size - 1] == bound) {
      counts[size - 1] += count;
    } else {
      bounds[size] = bound;
      counts[size] = count;
      size++;
    }
  }

  /** Whether counts fell from one bucket to the next and were raised; known after the quantile. */
  public boolean wasForcedMonotonic() {
    return forced;
  }

  /** Linear within the bucket that has the rank; NaN where the histogram can't tell. */
  public double quantile(double q) {
    if (Double.isNaN(q)) {
      return Double.NaN;
    }
    if (q < 0) {
      return Double.NEGATIVE_INFINITY;
    }
    if (q > 1) {
      return Double.POSITIVE_INFINITY;
    }
    if (bounds[size - 1] != Double.POSITIVE_INFINITY) {
      return Double.NaN;
    }
    makeMonotonic();
    if (size < 2 || counts[size - 1] == 0) {
      return Double.NaN;
    }
    double rank = q * counts[size - 1];
    int bucket = 0;
    while (bucket < size - 1 && !(counts[bucket] >= rank)) {
      bucket++;
    }
    if (bucket == size - 1) {
      return bounds[size - 2];
    }
    if (bucket == 0) {
      return bounds[0] <= 0 ? bounds[0] : bounds[0] * (rank / counts[0]);
    }
    double lower = bounds[bucket - 1];
    double below = counts[bucket - 1];
    return lower + (bounds[bucket] - lower) * ((rank - below) / (counts[bucket] - below));
  }

  private void makeMonotonic() {
    double highest = counts[0];
    for (int i = 1; i < size; i++) {
      double count = counts[i];
      if (isNear(highest, count)) {
        counts[i] = highest;
      } else if (count < highest) {
        counts[i] = highest;
        forced = true;
      } else {
        highest = count;
      }
    }
  }

  private static boolean isNear(double a, double b) {
    if (a == b || (Double.isNaN(a) && Double.isNaN(b))) {
      return true;
    }
    double sum = Math.abs(a) + Math.abs(b);
    double difference = Math.abs(a - b);
    if (a == 0 || b == 0 || sum < Double.MIN_NORMAL) {
      return difference < TOLERANCE * Double.MIN_NORMAL;
    }
    return difference / Math.min(sum, Double.MAX_VALUE) < TOLERANCE;
  }
}

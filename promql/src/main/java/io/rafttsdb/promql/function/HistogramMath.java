package io.rafttsdb.promql.function;

import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.Histogram.Bucket;
import java.util.List;

/** Numbers that a native histogram tells of its observations. */
public final class HistogramMath {

  private static final double HALF = 0.5;

  private HistogramMath() {}

  public static double count(Histogram histogram) {
    return histogram.count();
  }

  public static double sum(Histogram histogram) {
    return histogram.sum();
  }

  public static double average(Histogram histogram) {
    return histogram.sum() / histogram.count();
  }

  public static double deviation(Histogram histogram) {
    return Math.sqrt(variance(histogram));
  }

  /** As if all observations of a bucket lay in its (geometric) middle. */
  public static double variance(Histogram histogram) {
    double mean = average(histogram);
    KahanSum squares = new KahanSum();
    for (Bucket bucket : histogram.buckets()) {
      double delta = middle(histogram, bucket) - mean;
      squares.add(bucket.count() * delta * delta);
    }
    return squares.value() / histogram.count();
  }

  private static double middle(Histogram histogram, Bucket bucket) {
    if (histogram.isCustom()) {
      return (bucket.upper() + bucket.lower()) / 2;
    }
    if (bucket.lower() <= 0 && bucket.upper() >= 0) {
      return 0;
    }
    double middle = Math.sqrt(bucket.upper() * bucket.lower());
    return bucket.upper() < 0 ? -middle : middle;
  }

  /** Exponential within a bucket; linear in the zero bucket and where bounds are custom. */
  public static double quantile(double q, Histogram histogram) {
    if (q < 0) {
      return Double.NEGATIVE_INFINITY;
    }
    if (q > 1) {
      return Double.POSITIVE_INFINITY;
    }
    if (histogram.count() == 0 || Double.isNaN(q)) {
      return Double.NaN;
    }
    List<Bucket> buckets = histogram.buckets();
    if (buckets.isEmpty()) {
      return Double.NaN;
    }
    // From the nearer end; observations of NaN count as beyond all buckets.
    boolean forward = Double.isNaN(histogram.sum()) || q < HALF;
    double rank = (forward ? q : 1 - q) * histogram.count();
    double count = 0;
    Bucket bucket = buckets.getFirst();
    for (int i = 0; i < buckets.size(); i++) {
      bucket = buckets.get(forward ? i : buckets.size() - 1 - i);
      count += bucket.count();
      if (count >= rank) {
        break;
      }
    }
    double lower = lower(histogram, bucket);
    double upper = upper(histogram, bucket);
    if (histogram.isCustom()) {
      if (bucket.lower() == Double.NEGATIVE_INFINITY && upper <= 0) {
        return upper;
      }
      if (upper == Double.POSITIVE_INFINITY) {
        return lower;
      }
    }
    count = Math.min(count, histogram.count());
    if (count < rank) { // in none of the buckets
      return Double.isNaN(histogram.sum()) ? Double.NaN : upper;
    }
    double part = (forward ? rank - (count - bucket.count()) : count - rank) / bucket.count();
    if (isLinear(histogram, bucket)) {
      return lower + (upper - lower) * part;
    }
    double logLower = log2(Math.abs(lower));
    double logUpper = log2(Math.abs(upper));
    return lower > 0
        ? Math.pow(2, logLower + (logUpper - logLower) * part)
        : -Math.pow(2, logUpper + (logLower - logUpper) * (1 - part));
  }

  /** Part of the observations in [{@code from}, {@code to}], as if they lay as for quantiles. */
  public static double fraction(double from, double to, Histogram histogram) {
    if (histogram.count() == 0 || Double.isNaN(from) || Double.isNaN(to)) {
      return Double.NaN;
    }
    if (from >= to) {
      return 0;
    }
    List<Bucket> buckets = histogram.buckets();
    return (rank(from, histogram, buckets) - rank(to, histogram, buckets)) / -histogram.count();
  }

  private static double rank(double value, Histogram histogram, List<Bucket> buckets) {
    double rank = 0;
    for (Bucket bucket : buckets) {
      double lower = lower(histogram, bucket);
      double upper = upper(histogram, bucket);
      if (lower >= value) {
        return Math.min(rank, histogram.count());
      }
      if (upper > value) {
        double part;
        if (isLinear(histogram, bucket)) {
          part = (value - lower) / (upper - lower);
        } else {
          double logLower = log2(Math.abs(lower));
          double logUpper = log2(Math.abs(upper));
          double logValue = log2(Math.abs(value));
          part =
              value > 0
                  ? (logValue - logLower) / (logUpper - logLower)
                  : 1 - (logValue - logUpper) / (logLower - logUpper);
        }
        return Math.min(rank + bucket.count() * part, histogram.count());
      }
      rank += bucket.count();
    }
    return histogram.count();
  }

  private static boolean isLinear(Histogram histogram, Bucket bucket) {
    return histogram.isCustom() || (bucket.lower() <= 0 && bucket.upper() >= 0);
  }

  /** Of a zero bucket, 0 where there are positive observations only; likewise of custom bounds. */
  private static double lower(Histogram histogram, Bucket bucket) {
    if (histogram.isCustom()) {
      boolean first = bucket.lower() == Double.NEGATIVE_INFINITY && bucket.upper() > 0;
      return first ? 0 : bucket.lower();
    }
    boolean positive = histogram.negative().size() == 0 && histogram.positive().size() > 0;
    return isLinear(histogram, bucket) && positive ? 0 : bucket.lower();
  }

  private static double upper(Histogram histogram, Bucket bucket) {
    boolean negative = histogram.positive().size() == 0 && histogram.negative().size() > 0;
    return !histogram.isCustom() && isLinear(histogram, bucket) && negative ? 0 : bucket.upper();
  }

  private static double log2(double value) {
    return Elementary.log2(value, new double[0]);
  }
}

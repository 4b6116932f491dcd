package io.rafttsdb.promql.value;

/** Where the buckets of exponential histograms end: at powers of 2^(2^-schema). */
final class ExponentialBounds {

  private static final int EXPONENT_BEYOND = 1024;

  private ExponentialBounds() {}

  /** Upper bound of a bucket on the positive side; the last one ends at the greatest float. */
  static double bound(int schema, int index) {
    if (schema <= 0) {
      long exponent = (long) index << -schema;
      return exponent == EXPONENT_BEYOND ? Double.MAX_VALUE : scaled(1, exponent);
    }
    int perOctave = 1 << schema;
    int part = index & (perOctave - 1);
    long octave = index >> schema;
    if (part == 0 && octave == EXPONENT_BEYOND) {
      return Double.MAX_VALUE;
    }
    return scaled(Math.pow(2, (double) part / perOctave), octave);
  }

  private static double scaled(double value, long exponent) {
    return Math.scalb(value, (int) Math.clamp(exponent, -2_000L, 2_000L));
  }
}

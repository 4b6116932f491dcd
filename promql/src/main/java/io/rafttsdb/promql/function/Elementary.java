package io.rafttsdb.promql.function;

import io.rafttsdb.promql.value.Column;

/** Elementary functions of one value, with Go's results where Java's differ. */
public final class Elementary {

  private static final double LN2 = Math.log(2);
  private static final double LN2_BY_LN10 = 0.3010299956639812;
  private static final double LARGE = 1L << 28;
  private static final double SMALL = 1.0 / (1L << 28);

  private Elementary() {}

  static double round(double value, double[] parameters) {
    // Times the inverse, not divided by it: fewer surprises with 0.1 and its like.
    double inverse = 1.0 / (parameters.length == 0 ? 1 : parameters[0]);
    return Math.floor(value * inverse + 0.5) / inverse;
  }

  static double sgn(double value, double[] parameters) {
    return value < 0 ? -1 : value > 0 ? 1 : value;
  }

  static double clamp(double value, double[] parameters) {
    return clamp(value, parameters[0], parameters[1]);
  }

  static double clampMin(double value, double[] parameters) {
    return clamp(value, parameters[0], Double.POSITIVE_INFINITY);
  }

  static double clampMax(double value, double[] parameters) {
    return clamp(value, Double.NEGATIVE_INFINITY, parameters[0]);
  }

  private static double clamp(double value, double min, double max) {
    return max < min ? Column.absent() : max(min, min(max, value));
  }

  /** Go's: an infinity wins over NaN. */
  private static double max(double a, double b) {
    boolean infinite = a == Double.POSITIVE_INFINITY || b == Double.POSITIVE_INFINITY;
    return infinite ? Double.POSITIVE_INFINITY : Math.max(a, b);
  }

  private static double min(double a, double b) {
    boolean infinite = a == Double.NEGATIVE_INFINITY || b == Double.NEGATIVE_INFINITY;
    return infinite ? Double.NEGATIVE_INFINITY : Math.min(a, b);
  }

  /** Exact for powers of two. */
  static double log2(double value, double[] parameters) {
    if (!(value > 0) || Double.isInfinite(value)) {
      return Math.log(value);
    }
    int exponent = Math.getExponent(value < Double.MIN_NORMAL ? value * 0x1p54 : value) + 1;
    if (value < Double.MIN_NORMAL) {
      exponent -= 54;
    }
    double fraction = Math.scalb(Math.scalb(value, -exponent / 2), -(exponent - exponent / 2));
    return fraction == 0.5 ? exponent - 1 : Math.log(fraction) * (1 / LN2) + exponent;
  }

  static double log10(double value, double[] parameters) {
    return log2(value, parameters) * LN2_BY_LN10;
  }

  static double asinh(double value, double[] parameters) {
    double x = Math.abs(value);
    double result;
    if (!(x <= Double.MAX_VALUE) || x < SMALL) {
      return value;
    } else if (x > LARGE) {
      result = Math.log(x) + LN2;
    } else if (x > 2) {
      result = Math.log(2 * x + 1 / (Math.sqrt(x * x + 1) + x));
    } else {
      result = Math.log1p(x + x * x / (1 + Math.sqrt(1 + x * x)));
    }
    return Math.copySign(result, value);
  }

  static double acosh(double x, double[] parameters) {
    if (x < 1 || Double.isNaN(x)) {
      return Double.NaN;
    }
    if (x == 1) {
      return 0;
    }
    if (x >= LARGE) {
      return Math.log(x) + LN2;
    }
    if (x > 2) {
      return Math.log(2 * x - 1 / (x + Math.sqrt(x * x - 1)));
    }
    double t = x - 1;
    return Math.log1p(t + Math.sqrt(2 * t + t * t));
  }

  static double atanh(double value, double[] parameters) {
    double x = Math.abs(value);
    double result;
    if (x > 1 || Double.isNaN(x)) {
      return Double.NaN;
    } else if (x == 1) {
      result = Double.POSITIVE_INFINITY;
    } else if (x < SMALL) {
      result = x;
    } else if (x < 0.5) {
      double twice = x + x;
      result = 0.5 * Math.log1p(twice + twice * x / (1 - x));
    } else {
      result = 0.5 * Math.log1p((x + x) / (1 - x));
    }
    return Math.copySign(result, value);
  }

  /** Go's: 1 to any power and -1 to an infinite one are 1. */
  public static double pow(double base, double exponent) {
    if (base == 1 || (base == -1 && Double.isInfinite(exponent))) {
      return 1;
    }
    return Math.pow(base, exponent);
  }
}

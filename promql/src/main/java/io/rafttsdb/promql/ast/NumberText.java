package io.rafttsdb.promql.ast;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers as text: the fewest digits that read back as the same number, without an exponent. */
public final class NumberText {

  private NumberText() {}

  /** Plain decimal; {@code NaN}, {@code +Inf}, {@code -Inf} for what has none. */
  public static String plain(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    return shortest(value).toPlainString();
  }

  private static BigDecimal shortest(double value) {
    BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (digits.precision() == 2) {
      // Double.toString writes two digits even where one would do (4.9E-324 for 5E-324).
      BigDecimal one = digits.round(new MathContext(1));
      if (one.doubleValue() == value) {
        return one.stripTrailingZeros();
      }
    }
    return digits;
  }
}

package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.BinaryOp;
import io.rafttsdb.promql.function.Elementary;
import io.rafttsdb.promql.value.Column;
import java.util.function.DoubleBinaryOperator;

/** What the binary operators do with two numbers. */
final class Operators {

  private Operators() {}

  /**
   * The operator between two values of vectors, or of a vector and a scalar. A comparison gives its
   * left value, or nothing; with {@code bool} 1 or 0.
   */
  static DoubleBinaryOperator of(BinaryOp op, boolean returnBool) {
    return switch (op) {
      case ADD -> (l, r) -> l + r;
      case SUBTRACT -> (l, r) -> l - r;
      case MULTIPLY -> (l, r) -> l * r;
      case DIVIDE -> (l, r) -> l / r;
      case MODULO -> (l, r) -> l % r;
      case POWER -> Elementary::pow;
      case ATAN2 -> Math::atan2;
      case EQUAL -> comparison((l, r) -> l == r, returnBool);
      case NOT_EQUAL -> comparison((l, r) -> l != r, returnBool);
      case GREATER -> comparison((l, r) -> l > r, returnBool);
      case LESS -> comparison((l, r) -> l < r, returnBool);
      case GREATER_OR_EQUAL -> comparison((l, r) -> l >= r, returnBool);
      case LESS_OR_EQUAL -> comparison((l, r) -> l <= r, returnBool);
      case AND, OR, UNLESS -> throw new IllegalStateException(op + " works on whole vectors");
    };
  }

  private interface Comparison {
    boolean holds(double left, double right);
  }

  private static DoubleBinaryOperator comparison(Comparison comparison, boolean returnBool) {
    return returnBool
        ? (l, r) -> comparison.holds(l, r) ? 1 : 0
        : (l, r) -> comparison.holds(l, r) ? l : Column.absent();
  }
}

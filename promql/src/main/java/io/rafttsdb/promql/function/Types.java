package io.rafttsdb.promql.function;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.Aggregation;
import io.rafttsdb.promql.ast.Expr.Binary;
import io.rafttsdb.promql.ast.Expr.Call;
import io.rafttsdb.promql.ast.Expr.MatrixSelector;
import io.rafttsdb.promql.ast.Expr.NumberLiteral;
import io.rafttsdb.promql.ast.Expr.Paren;
import io.rafttsdb.promql.ast.Expr.StringLiteral;
import io.rafttsdb.promql.ast.Expr.Subquery;
import io.rafttsdb.promql.ast.Expr.Unary;
import io.rafttsdb.promql.ast.Expr.VectorSelector;
import io.rafttsdb.promql.ast.ValueType;

/** Types of the nodes of a checked tree. */
public final class Types {

  private Types() {}

  public static ValueType of(Expr expr) {
    return switch (expr) {
      case NumberLiteral _ -> ValueType.SCALAR;
      case StringLiteral _ -> ValueType.STRING;
      case VectorSelector _, Aggregation _ -> ValueType.INSTANT_VECTOR;
      case MatrixSelector _, Subquery _ -> ValueType.RANGE_VECTOR;
      case Call call -> Functions.of(call.function()).signature().result();
      case Unary unary -> of(unary.operand());
      case Paren paren -> of(paren.inner());
      case Binary binary -> isScalar(binary) ? ValueType.SCALAR : ValueType.INSTANT_VECTOR;
    };
  }

  public static boolean isScalar(Expr expr) {
    return switch (expr) {
      case Binary binary -> isScalar(binary.left()) && isScalar(binary.right());
      default -> of(expr) == ValueType.SCALAR;
    };
  }
}

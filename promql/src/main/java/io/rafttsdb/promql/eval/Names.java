package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.AggregateOp;
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
import io.rafttsdb.promql.function.Function;
import io.rafttsdb.promql.function.Functions;
import io.rafttsdb.promql.function.Types;
import io.rafttsdb.storage.model.Labels;

/** What can be said of metric names without evaluating. */
final class Names {

  private Names() {}

  /**
   * Whether an expression's series stay different from one another when their names are dropped.
   * False where it can't be told: then the dropping has to look.
   */
  static boolean areDroppable(Expr expr) {
    return switch (expr) {
      case NumberLiteral _, StringLiteral _, Unary _ -> true;
      case VectorSelector selector -> selector.metricName() != null;
      case MatrixSelector matrix -> matrix.selector().metricName() != null;
      case Subquery subquery -> areDroppable(subquery.operand());
      case Paren paren -> areDroppable(paren.inner());
      case Aggregation aggregation -> areDroppable(aggregation);
      case Binary binary -> areDroppable(binary);
      case Call call -> areDroppable(call);
    };
  }

  private static boolean areDroppable(Aggregation aggregation) {
    if (aggregation.op().choosesSeries()) {
      return areDroppable(aggregation.operand());
    }
    return aggregation.op() != AggregateOp.COUNT_VALUES
        && (aggregation.without() || !aggregation.grouping().contains(Labels.METRIC_NAME));
  }

  private static boolean areDroppable(Binary binary) {
    if (binary.op().isSet()) {
      return switch (binary.op()) {
        case OR -> false;
        default -> areDroppable(binary.left());
      };
    }
    if (binary.op().isArithmetic() || binary.returnBool()) {
      return !binary.matching().include().contains(Labels.METRIC_NAME);
    }
    if (Types.isScalar(binary.left())) {
      return areDroppable(binary.right());
    }
    return Types.isScalar(binary.right()) && areDroppable(binary.left());
  }

  private static boolean areDroppable(Call call) {
    return switch (Functions.of(call.function())) {
      case Function.OverRange range ->
          range.traits() != Function.Traits.KEEPS_NAME
              || call.arguments().stream().allMatch(Names::areDroppable);
      case Function.PerPoint _ -> true;
      case Function.Special special ->
          switch (special.kind()) {
            case LABEL_REPLACE, LABEL_JOIN -> false;
            case SORT, SORT_DESC -> areDroppable(call.arguments().getFirst());
            default -> true;
          };
    };
  }
}

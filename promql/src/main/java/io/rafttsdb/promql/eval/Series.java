package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.List;

/** A series with its column, for what has to see several at once. */
final class Series {

  final Labels labels;
  final double[] column;

  Series(Labels labels, double[] column) {
    this.labels = labels;
    this.column = column;
  }

  /** A vector's series, held against the budget until {@link #release}. */
  static List<Series> collect(Evaluator evaluator, Expr expr, Grid grid) {
    List<Series> collected = new ArrayList<>();
    evaluator.vector(
        expr,
        grid,
        (labels, column) -> {
          evaluator.budget().hold(column.length);
          collected.add(new Series(labels, column));
        });
    return collected;
  }

  static void release(Evaluator evaluator, List<Series> collected, Grid grid) {
    evaluator.budget().release((long) collected.size() * grid.count());
  }
}

package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.value.SeriesSink;
import java.util.Comparator;
import java.util.List;

/**
 * Evaluates sort and sort_desc; over several steps there is no order by value, and none is made.
 */
final class Sorting {

  private final Evaluator evaluator;
  private final Expr operand;
  private final Grid grid;

  Sorting(Evaluator evaluator, Expr operand, Grid grid) {
    this.evaluator = evaluator;
    this.operand = operand;
    this.grid = grid;
  }

  void ascending(SeriesSink sink) {
    sorted((a, b) -> compare(a, b, 1), sink);
  }

  void descending(SeriesSink sink) {
    sorted((a, b) -> compare(a, b, -1), sink);
  }

  private void sorted(Comparator<Series> order, SeriesSink sink) {
    if (grid.count() > 1) {
      evaluator.vector(
          operand,
          grid,
          (labels, column) -> {
            evaluator.dropHistograms(column);
            sink.accept(labels, column);
          });
      return;
    }
    List<Series> series = Series.collect(evaluator, operand, grid);
    series.forEach(one -> evaluator.dropHistograms(one.column));
    series.sort(order);
    Series.release(evaluator, series, grid);
    for (Series one : series) {
      sink.accept(one.labels, one.column);
    }
  }

  /** NaN comes last either way. */
  private static int compare(Series a, Series b, int sign) {
    double x = a.column[0];
    double y = b.column[0];
    if (Double.isNaN(x) || Double.isNaN(y)) {
      return Boolean.compare(Double.isNaN(x), Double.isNaN(y));
    }
    return x < y ? -sign : x > y ? sign : 0;
  }
}

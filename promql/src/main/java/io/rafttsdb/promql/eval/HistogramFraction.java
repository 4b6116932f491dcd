package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.Call;
import io.rafttsdb.promql.function.HistogramMath;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.EvaluationError;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.promql.value.SeriesSink;

/** Evaluates histogram_fraction on native histograms; classic ones are refused. */
final class HistogramFraction {

  private final Evaluator evaluator;
  private final Call call;
  private final Grid grid;

  HistogramFraction(Evaluator evaluator, Call call, Grid grid) {
    this.evaluator = evaluator;
    this.call = call;
    this.grid = grid;
  }

  void evaluate(SeriesSink sink) {
    double[] from = evaluator.scalar(call.arguments().get(0), grid);
    double[] to = evaluator.scalar(call.arguments().get(1), grid);
    Expr operand = call.arguments().get(2);
    HistogramTable table = evaluator.histograms();
    evaluator.withoutNames(
        operand,
        sink,
        unnamed ->
            evaluator.vector(
                operand,
                grid,
                (labels, column) -> {
                  for (int i = 0; i < column.length; i++) {
                    if (HistogramTable.isHistogram(column[i])) {
                      column[i] = HistogramMath.fraction(from[i], to[i], table.take(column[i]));
                    } else if (!Column.isAbsent(column[i])) {
                      throw new EvaluationError(
                          "histogram_fraction of classic buckets is not supported yet, expected"
                              + " native histograms alone");
                    }
                  }
                  unnamed.accept(labels, column);
                }));
  }
}

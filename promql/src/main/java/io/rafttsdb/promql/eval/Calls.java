package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.Call;
import io.rafttsdb.promql.ast.Expr.VectorSelector;
import io.rafttsdb.promql.function.Function;
import io.rafttsdb.promql.function.Functions;
import io.rafttsdb.promql.function.HistogramMath;
import io.rafttsdb.promql.function.PointFunction;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Evaluates a call of a function. */
final class Calls {

  private final Evaluator evaluator;
  private final Call call;
  private final Grid grid;
  private final Function function;

  Calls(Evaluator evaluator, Call call, Grid grid) {
    this.evaluator = evaluator;
    this.call = call;
    this.grid = grid;
    this.function = Functions.of(call.function());
  }

  void vector(SeriesSink sink) {
    switch (function) {
      case Function.OverRange range -> RangeCall.evaluate(evaluator, call, range, grid, sink);
      case Function.PerPoint point -> perPoint(point.compute(), sink);
      case Function.Special special -> special(special.kind(), sink);
    }
  }

  double[] scalar() {
    Function.Kind kind = function instanceof Function.Special special ? special.kind() : null;
    double[] column = new double[grid.count()];
    switch (kind) {
      case TIME -> {
        for (int i = 0; i < column.length; i++) {
          column[i] = grid.timeMs(i) / 1000.0;
        }
      }
      case PI -> Arrays.fill(column, Math.PI);
      case SCALAR -> onlyElement(column);
      case null, default -> throw new IllegalStateException("no scalar: " + call);
    }
    return column;
  }

  /** The value of the vector's only element, NaN where it has none or several. */
  private void onlyElement(double[] result) {
    Arrays.fill(result, Column.absent());
    boolean[] several = new boolean[result.length];
    evaluator.vector(
        call.arguments().getFirst(),
        grid,
        (_, column) -> {
          for (int i = 0; i < column.length; i++) {
            if (!Column.isAbsent(column[i]) && !HistogramTable.isHistogram(column[i])) {
              several[i] = !Column.isAbsent(result[i]);
              result[i] = several[i] ? Double.NaN : column[i];
            }
          }
        });
    for (int i = 0; i < result.length; i++) {
      if (Column.isAbsent(result[i])) {
        result[i] = Double.NaN;
      }
    }
  }

  private void perPoint(PointFunction compute, SeriesSink sink) {
    List<Expr> arguments = call.arguments();
    if (arguments.isEmpty()) {
      sink.accept(Labels.EMPTY, ofTime(compute));
      return;
    }
    List<double[]> scalars = new ArrayList<>();
    for (Expr scalar : arguments.subList(1, arguments.size())) {
      scalars.add(evaluator.scalar(scalar, grid));
    }
    double[] parameters = new double[scalars.size()];
    Expr operand = arguments.getFirst();
    evaluator.withoutNames(
        operand,
        sink,
        unnamed ->
            evaluator.vector(
                operand,
                grid,
                (labels, column) -> {
                  evaluator.dropHistograms(column);
                  for (int i = 0; i < column.length; i++) {
                    if (!Column.isAbsent(column[i])) {
                      for (int p = 0; p < parameters.length; p++) {
                        parameters[p] = scalars.get(p)[i];
                      }
                      column[i] = compute.apply(column[i], parameters);
                    }
                  }
                  unnamed.accept(labels, column);
                }));
  }

  private double[] ofTime(PointFunction compute) {
    double[] column = new double[grid.count()];
    double[] none = {};
    for (int i = 0; i < column.length; i++) {
      column[i] = compute.apply((double) Math.floorDiv(grid.timeMs(i), 1000L), none);
    }
    return column;
  }

  private void special(Function.Kind kind, SeriesSink sink) {
    Expr first = call.arguments().getFirst();
    switch (kind) {
      case VECTOR -> sink.accept(Labels.EMPTY, evaluator.scalar(first, grid));
      case TIMESTAMP -> timestamp(first, sink);
      case ABSENT -> new Absence(evaluator, first, grid).ofVector(sink);
      case ABSENT_OVER_TIME -> new Absence(evaluator, first, grid).ofRange(sink);
      case SORT -> new Sorting(evaluator, first, grid).ascending(sink);
      case SORT_DESC -> new Sorting(evaluator, first, grid).descending(sink);
      case LABEL_REPLACE -> Relabeling.replace(evaluator, call, grid, sink);
      case LABEL_JOIN -> Relabeling.join(evaluator, call, grid, sink);
      case HISTOGRAM_QUANTILE -> new HistogramQuantile(evaluator, call, grid).evaluate(sink);
      case HISTOGRAM_COUNT -> ofHistograms(first, HistogramMath::count, sink);
      case HISTOGRAM_SUM -> ofHistograms(first, HistogramMath::sum, sink);
      case HISTOGRAM_AVG -> ofHistograms(first, HistogramMath::average, sink);
      case HISTOGRAM_STDDEV -> ofHistograms(first, HistogramMath::deviation, sink);
      case HISTOGRAM_STDVAR -> ofHistograms(first, HistogramMath::variance, sink);
      case HISTOGRAM_FRACTION -> new HistogramFraction(evaluator, call, grid).evaluate(sink);
      case TIME, PI, SCALAR -> throw new IllegalStateException("no vector: " + call);
    }
  }

  private void timestamp(Expr operand, SeriesSink sink) {
    evaluator.withoutNames(
        operand,
        sink,
        unnamed -> {
          if (Expr.unwrap(operand) instanceof VectorSelector selector) {
            new InstantSelector(evaluator, selector, grid).timestamps(unnamed);
          } else {
            evaluator.vector(operand, grid, (labels, column) -> times(labels, column, unnamed));
          }
        });
  }

  /** A number of each native histogram; floats are left out. */
  private void ofHistograms(Expr operand, ToDoubleFunction<Histogram> number, SeriesSink sink) {
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
                    column[i] =
                        HistogramTable.isHistogram(column[i])
                            ? number.applyAsDouble(table.take(column[i]))
                            : Column.absent();
                  }
                  if (!Column.isEmpty(column)) {
                    unnamed.accept(labels, column);
                  }
                }));
  }

  private void times(Labels labels, double[] column, SeriesSink sink) {
    for (int i = 0; i < column.length; i++) {
      if (!Column.isAbsent(column[i])) {
        if (HistogramTable.isHistogram(column[i])) {
          evaluator.histograms().take(column[i]);
        }
        column[i] = grid.timeMs(i) / 1000.0;
      }
    }
    sink.accept(labels, column);
  }
}

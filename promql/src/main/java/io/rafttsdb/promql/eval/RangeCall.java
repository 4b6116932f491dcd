package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.Call;
import io.rafttsdb.promql.ast.Expr.MatrixSelector;
import io.rafttsdb.promql.ast.Expr.Subquery;
import io.rafttsdb.promql.ast.Modifiers;
import io.rafttsdb.promql.function.Function.OverRange;
import io.rafttsdb.promql.function.Function.Traits;
import io.rafttsdb.promql.function.HistogramRanges;
import io.rafttsdb.promql.function.HistogramWindowFunction;
import io.rafttsdb.promql.function.Remarks;
import io.rafttsdb.promql.function.Types;
import io.rafttsdb.promql.function.Window;
import io.rafttsdb.promql.function.WindowFunction;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.EvaluationError;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SeriesView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates a function over a range: one pass over the samples of a series, with a window that
 * slides from step to step.
 */
final class RangeCall {

  private final Evaluator evaluator;
  private final Grid grid;
  private final Expr range;
  private final WindowFunction compute;
  private final @Nullable HistogramWindowFunction ofHistograms;
  private final List<double[]> parameterColumns = new ArrayList<>();
  private final double[] parameters;
  private final Window window = new Window();
  private final Lookback times;
  private final long rangeMs;

  /**
   * @param range a range selector or subquery
   * @param grid not empty
   */
  RangeCall(
      Evaluator evaluator,
      Expr range,
      List<Expr> scalars,
      WindowFunction compute,
      @Nullable HistogramWindowFunction ofHistograms,
      Grid grid) {
    this.ofHistograms = ofHistograms;
    this.evaluator = evaluator;
    this.grid = grid;
    this.range = Expr.unwrap(range);
    this.compute = compute;
    for (Expr scalar : scalars) {
      parameterColumns.add(evaluator.scalar(scalar, grid));
    }
    parameters = new double[scalars.size()];
    Modifiers modifiers;
    switch (this.range) {
      case MatrixSelector matrix -> {
        modifiers = matrix.selector().modifiers();
        rangeMs = matrix.rangeMs();
      }
      case Subquery subquery -> {
        modifiers = subquery.modifiers();
        rangeMs = subquery.rangeMs();
      }
      default -> throw new IllegalStateException("no range: " + range);
    }
    times = Lookback.of(modifiers, grid, evaluator.plan().query());
  }

  /** Evaluates a call of a function over a range. */
  static void evaluate(
      Evaluator evaluator, Call call, OverRange function, Grid grid, SeriesSink sink) {
    Expr range = null;
    List<Expr> scalars = new ArrayList<>();
    for (Expr argument : call.arguments()) {
      if (Types.isScalar(argument)) {
        scalars.add(argument);
      } else {
        range = argument;
      }
    }
    if (range == null) {
      throw new IllegalStateException("no range in " + call);
    }
    RangeCall rangeCall =
        new RangeCall(
            evaluator,
            range,
            scalars,
            function.compute(),
            HistogramRanges.of(call.function()),
            grid);
    rangeCall.quantileRemark(call);
    Expr argument = range;
    boolean keepsName = function.traits() == Traits.KEEPS_NAME;
    @Nullable Set<Labels> seen = keepsName || Names.areDroppable(range) ? null : new HashSet<>();
    rangeCall.each((labels, column) -> {
      if (function.traits() == Traits.FOR_COUNTERS && hasFloat(column)) {
        counterRemark(evaluator, labels, argument);
      }
      Labels result = keepsName ? labels : Evaluator.withoutName(labels);
      if (seen != null && !seen.add(result)) {
        throw new EvaluationError(SeriesMerge.SAME_LABELS);
      }
      sink.accept(result, column);
    });
  }

  private void quantileRemark(Call call) {
    if (call.function().equals("quantile_over_time")) {
      for (double quantile : parameterColumns.getFirst()) {
        if (!(quantile >= 0 && quantile <= 1)) {
          evaluator.annotations().invalidQuantile(quantile, call.arguments().getFirst().span());
          return;
        }
      }
    }
  }

  private static void counterRemark(Evaluator evaluator, Labels labels, Expr argument) {
    String name = labels.metricName();
    if (!name.isEmpty()
        && !name.endsWith("_total")
        && !name.endsWith("_sum")
        && !name.endsWith("_count")
        && !name.endsWith("_bucket")) {
      evaluator.annotations().notACounter(name, argument.span());
    }
  }

  /** Gives each series with a value at any step, with the labels that it was read with. */
  void each(SeriesSink sink) {
    switch (range) {
      case MatrixSelector matrix -> {
        for (SeriesView view : evaluator.series(matrix.selector())) {
          series(view.labels(), view.samples(), sink);
        }
      }
      case Subquery subquery -> {
        Grid inner = evaluator.plan().steps(subquery, grid);
        evaluator.vector(
            subquery.operand(),
            inner,
            (labels, column) ->
                series(labels, new ColumnCursor(inner, column, evaluator.histograms()), sink));
      }
      default -> throw new IllegalStateException("no range: " + range);
    }
  }

  private void series(Labels labels, SampleCursor samples, SeriesSink sink) {
    Budget budget = evaluator.budget();
    double[] column = new double[grid.count()];
    boolean any = false;
    window.reset(samples);
    for (int step = 0; step < column.length; step++) {
      long endMs = times.timeMs(step);
      int read = window.slide(endMs - rangeMs, endMs, grid.timeMs(step));
      budget.ensure(window.size());
      budget.work(read + window.size() + 1);
      if (window.size() == 0) {
        column[step] = Column.absent();
        continue;
      }
      for (int p = 0; p < parameters.length; p++) {
        parameters[p] = parameterColumns.get(p)[step];
      }
      column[step] =
          window.histogramCount() == 0
              ? compute.apply(window, parameters)
              : ofHistograms(labels.metricName());
      any |= !Column.isAbsent(column[step]);
    }
    if (any) {
      sink.accept(labels, column);
    }
  }

  private double ofHistograms(String metric) {
    Remarks remarks = new Remarks(evaluator.annotations(), metric, range.span());
    return ofHistograms == null
        ? HistogramRanges.ofFloats(compute, window, parameters, remarks)
        : ofHistograms.apply(window, evaluator.histograms(), remarks);
  }

  private static boolean hasFloat(double[] column) {
    for (double slot : column) {
      if (!Column.isAbsent(slot) && !HistogramTable.isHistogram(slot)) {
        return true;
      }
    }
    return false;
  }
}

package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.AggregateOp;
import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.Aggregation;
import io.rafttsdb.promql.ast.Expr.StringLiteral;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Evaluates an aggregation: series by series into the accumulator of their group. */
final class Aggregator {

  private final Evaluator evaluator;
  private final Aggregation aggregation;
  private final Grid grid;
  private final Grouping grouping;

  /**
   * @param grid not empty
   */
  Aggregator(Evaluator evaluator, Aggregation aggregation, Grid grid) {
    this.evaluator = evaluator;
    this.aggregation = aggregation;
    this.grid = grid;
    this.grouping =
        aggregation.without()
            ? Grouping.without(aggregation.grouping())
            : Grouping.by(aggregation.grouping());
  }

  void evaluate(SeriesSink sink) {
    Expr operand = aggregation.operand();
    switch (aggregation.op()) {
      case TOPK, BOTTOMK -> {
        boolean greatest = aggregation.op() == AggregateOp.TOPK;
        new TopK(evaluator, grouping, scalarParameter(), greatest, grid)
            .evaluate(operand, this::ignoreHistograms, sink);
      }
      case COUNT_VALUES -> {
        String label = stringParameter();
        new CountValues(evaluator, aggregation, label, grid).evaluate(sink);
      }
      case QUANTILE -> {
        double[] quantiles = scalarParameter();
        quantileRemark(quantiles);
        fold(quantiles, true, sink);
      }
      case SUM, AVG, MIN, MAX, COUNT, GROUP, STDDEV, STDVAR -> fold(new double[0], false, sink);
    }
  }

  private void fold(double[] quantiles, boolean keepsColumns, SeriesSink sink) {
    Map<Labels, Accumulator> groups = new HashMap<>();
    Budget budget = evaluator.budget();
    long[] held = new long[1];
    evaluator.vector(
        aggregation.operand(),
        grid,
        (labels, column) -> {
          if (takesFloatsOnly()) {
            ignoreHistograms(column);
          }
          Labels key = grouping.key(labels);
          Accumulator group = groups.get(key);
          if (group == null || keepsColumns) {
            budget.hold(column.length);
            held[0] += column.length;
          }
          if (group == null) {
            group = accumulator(quantiles);
            groups.put(key, group);
          }
          group.add(column);
          if (!keepsColumns) {
            evaluator.dropHistograms(column);
          }
          budget.work(column.length);
        });
    budget.release(held[0]);
    // By labels, so that the order does not depend on which steps are evaluated together.
    new TreeMap<>(groups).forEach((labels, group) -> sink.accept(labels, group.result()));
  }

  private boolean takesFloatsOnly() {
    return switch (aggregation.op()) {
      case MIN, MAX, STDDEV, STDVAR, QUANTILE -> true;
      default -> false;
    };
  }

  private void ignoreHistograms(double[] column) {
    if (evaluator.dropHistograms(column)) {
      evaluator
          .annotations()
          .histogramInfo(
              "ignored histogram in " + aggregation.op().word() + " aggregation",
              aggregation.operand().span());
    }
  }

  private HistogramSums histogramSums(boolean mean) {
    return new HistogramSums(evaluator, aggregation.operand().span(), mean, grid.count());
  }

  private Accumulator accumulator(double[] quantiles) {
    int steps = grid.count();
    return switch (aggregation.op()) {
      case SUM -> new Accumulator.Sum(steps, histogramSums(false));
      case AVG -> new Accumulator.Average(steps, histogramSums(true));
      case MIN -> new Accumulator.Extreme(steps, false);
      case MAX -> new Accumulator.Extreme(steps, true);
      case COUNT -> new Accumulator.Count(steps, false);
      case GROUP -> new Accumulator.Count(steps, true);
      case STDDEV -> new Accumulator.Variance(steps, true);
      case STDVAR -> new Accumulator.Variance(steps, false);
      case QUANTILE -> new Accumulator.Quantiles(quantiles);
      case TOPK, BOTTOMK, COUNT_VALUES ->
          throw new IllegalStateException(aggregation.op() + " has no accumulator");
    };
  }

  private double[] scalarParameter() {
    return evaluator.scalar(parameter(), grid);
  }

  private String stringParameter() {
    if (Expr.unwrap(parameter()) instanceof StringLiteral string) {
      return string.value();
    }
    throw new IllegalStateException("no string: " + parameter());
  }

  private Expr parameter() {
    Expr parameter = aggregation.parameter();
    if (parameter == null) {
      throw new IllegalStateException("no parameter in " + aggregation);
    }
    return parameter;
  }

  private void quantileRemark(double[] quantiles) {
    for (double quantile : quantiles) {
      if (!(quantile >= 0 && quantile <= 1)) {
        evaluator.annotations().invalidQuantile(quantile, parameter().span());
        return;
      }
    }
  }
}

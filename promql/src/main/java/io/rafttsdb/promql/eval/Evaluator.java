package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.BinaryOp;
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
import io.rafttsdb.promql.function.Types;
import io.rafttsdb.promql.value.Annotations;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SeriesView;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleBinaryOperator;

/**
 * Evaluates one query: a vector's series are computed one after another over all steps and given to
 * a sink, a scalar is a column. Only what has to see several series at once (groups, both sides of
 * an operator) is kept. For one query and one thread.
 */
public final class Evaluator {

  private final Plan plan;
  private final List<List<SeriesView>> series;
  private final Budget budget;
  private final Annotations annotations;
  private final HistogramTable histograms;

  /**
   * An evaluator of one query.
   *
   * @param series what the storage answered to the plan's selections
   */
  public Evaluator(
      Plan plan, List<List<SeriesView>> series, Budget budget, Annotations annotations) {
    this.plan = plan;
    this.series = series;
    this.budget = budget;
    this.annotations = annotations;
    this.histograms = new HistogramTable(budget::hold);
  }

  Plan plan() {
    return plan;
  }

  Budget budget() {
    return budget;
  }

  Annotations annotations() {
    return annotations;
  }

  /** The native histograms of this query's columns. */
  HistogramTable histograms() {
    return histograms;
  }

  /** Takes the native histograms out of a column; whether there was any. */
  boolean dropHistograms(double[] column) {
    boolean any = false;
    for (int i = 0; i < column.length; i++) {
      if (HistogramTable.isHistogram(column[i])) {
        any = true;
        histograms.take(column[i]);
        column[i] = Column.absent();
      }
    }
    return any;
  }

  List<SeriesView> series(VectorSelector selector) {
    return series.get(plan.place(selector));
  }

  /** Gives a vector's series over the steps of a grid. */
  public void vector(Expr expr, Grid grid, SeriesSink sink) {
    budget.check();
    if (grid.count() == 0) {
      return;
    }
    if (grid.count() > 1 && plan.isInvariant(expr)) {
      vector(
          expr,
          grid.first(),
          (labels, column) -> sink.accept(labels, repeat(column[0], grid.count())));
      return;
    }
    switch (expr) {
      case VectorSelector selector -> new InstantSelector(this, selector, grid).values(sink);
      case Call call -> new Calls(this, call, grid).vector(sink);
      case Aggregation aggregation -> new Aggregator(this, aggregation, grid).evaluate(sink);
      case Binary binary -> binary(binary, grid, sink);
      case Unary unary -> unary(unary, grid, sink);
      case Paren paren -> vector(paren.inner(), grid, sink);
      case NumberLiteral _, StringLiteral _, MatrixSelector _, Subquery _ ->
          throw new IllegalStateException("no instant vector: " + expr);
    }
  }

  /** A scalar's values over the steps of a grid; none is absent. */
  public double[] scalar(Expr expr, Grid grid) {
    if (grid.count() > 1 && plan.isInvariant(expr)) {
      return repeat(scalar(expr, grid.first())[0], grid.count());
    }
    budget.ensure(grid.count());
    return switch (expr) {
      case NumberLiteral number -> repeat(number.value(), grid.count());
      case Paren paren -> scalar(paren.inner(), grid);
      case Call call -> new Calls(this, call, grid).scalar();
      case Unary unary -> {
        double[] column = scalar(unary.operand(), grid);
        for (int i = 0; unary.minus() && i < column.length; i++) {
          column[i] = -column[i];
        }
        yield column;
      }
      case Binary binary -> {
        double[] left = scalar(binary.left(), grid);
        double[] right = scalar(binary.right(), grid);
        DoubleBinaryOperator operator = Operators.of(binary.op(), binary.returnBool());
        for (int i = 0; i < left.length; i++) {
          left[i] = operator.applyAsDouble(left[i], right[i]);
        }
        yield left;
      }
      case StringLiteral _, VectorSelector _, MatrixSelector _, Subquery _, Aggregation _ ->
          throw new IllegalStateException("no scalar: " + expr);
    };
  }

  private double[] repeat(double value, int steps) {
    double[] column = new double[steps];
    Arrays.fill(column, value);
    for (int i = 1; i < steps && HistogramTable.isHistogram(value); i++) {
      column[i] = histograms.add(histograms.get(value)); // each slot is of one step alone
    }
    return column;
  }

  /**
   * Gives the sink what a producer makes of an operand's series, without names. Where two series
   * may differ by name only, they are brought together first.
   */
  void withoutNames(Expr operand, SeriesSink sink, Consumer<SeriesSink> producer) {
    if (Names.areDroppable(operand)) {
      producer.accept((labels, column) -> sink.accept(withoutName(labels), column));
    } else {
      SeriesMerge merge = new SeriesMerge(budget);
      producer.accept((labels, column) -> merge.accept(withoutName(labels), column));
      merge.flush(sink);
    }
  }

  static Labels withoutName(Labels labels) {
    return labels.without(Labels.METRIC_NAME);
  }

  private void unary(Unary unary, Grid grid, SeriesSink sink) {
    if (!unary.minus()) {
      vector(unary.operand(), grid, sink);
      return;
    }
    withoutNames(
        unary.operand(),
        sink,
        unnamed ->
            vector(
                unary.operand(),
                grid,
                (labels, column) -> {
                  for (int i = 0; i < column.length; i++) {
                    if (HistogramTable.isHistogram(column[i])) {
                      column[i] = histograms.add(histograms.take(column[i]).times(-1));
                    } else if (!Column.isAbsent(column[i])) {
                      column[i] = -column[i];
                    }
                  }
                  unnamed.accept(labels, column);
                }));
  }

  private void binary(Binary binary, Grid grid, SeriesSink sink) {
    boolean scalarLeft = Types.isScalar(binary.left());
    if (scalarLeft || Types.isScalar(binary.right())) {
      withScalar(binary, scalarLeft, grid, sink);
    } else if (binary.op().isSet()) {
      new SetOperation(this, binary, grid).evaluate(sink);
    } else {
      new VectorMatch(this, binary, grid).evaluate(sink);
    }
  }

  private void withScalar(Binary binary, boolean scalarLeft, Grid grid, SeriesSink sink) {
    Expr operand = scalarLeft ? binary.right() : binary.left();
    double[] scalar = scalar(scalarLeft ? binary.left() : binary.right(), grid);
    BinaryOp op = binary.op();
    DoubleBinaryOperator operator = Operators.of(op, binary.returnBool());
    HistogramOperators ofHistograms = new HistogramOperators(binary, histograms, annotations);
    // A filter keeps the vector's value, on whichever side it stands.
    boolean filter = op.isComparison() && !binary.returnBool();
    Consumer<SeriesSink> producer =
        target ->
            vector(
                operand,
                grid,
                (labels, column) -> {
                  for (int i = 0; i < column.length; i++) {
                    double value = column[i];
                    if (Column.isAbsent(value)) {
                      continue;
                    }
                    if (HistogramTable.isHistogram(value)) {
                      column[i] = ofHistograms.withScalar(value, scalar[i], scalarLeft);
                      continue;
                    }
                    double result =
                        scalarLeft
                            ? operator.applyAsDouble(scalar[i], value)
                            : operator.applyAsDouble(value, scalar[i]);
                    column[i] = filter && !Column.isAbsent(result) ? value : result;
                  }
                  target.accept(labels, column);
                });
    if (filter) {
      producer.accept(sink);
    } else {
      withoutNames(operand, sink, producer);
    }
  }
}

package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.MatrixSelector;
import io.rafttsdb.promql.ast.Expr.StringLiteral;
import io.rafttsdb.promql.ast.Expr.Subquery;
import io.rafttsdb.promql.function.Types;
import io.rafttsdb.promql.function.Window;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.promql.value.Points;
import io.rafttsdb.promql.value.Value;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SeriesView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns what the evaluator gives into the answer of a query. */
public final class Results {

  private Results() {}

  /** The answer of a query at one time. */
  public static Value instant(Evaluator evaluator, Expr expr, Grid grid) {
    long timeMs = grid.startMs();
    return switch (Types.of(expr)) {
      case SCALAR -> new Value.Scalar(timeMs, evaluator.scalar(expr, grid)[0]);
      case STRING -> new Value.StringValue(timeMs, string(expr));
      case INSTANT_VECTOR -> vector(evaluator, expr, grid);
      case RANGE_VECTOR ->
          switch (Expr.unwrap(expr)) {
            case MatrixSelector matrix -> samples(evaluator, matrix, grid);
            case Subquery subquery ->
                matrix(evaluator, subquery.operand(), evaluator.plan().steps(subquery, grid));
            default -> throw new IllegalStateException("no range: " + expr);
          };
    };
  }

  /** The answer of a query over several steps. */
  public static Value range(Evaluator evaluator, Expr expr, Grid grid) {
    if (!Types.isScalar(expr)) {
      return matrix(evaluator, expr, grid);
    }
    List<Points> series = new ArrayList<>();
    add(series, evaluator, grid, Labels.EMPTY, evaluator.scalar(expr, grid));
    return new Value.Matrix(series);
  }

  private static String string(Expr expr) {
    if (Expr.unwrap(expr) instanceof StringLiteral string) {
      return string.value();
    }
    throw new IllegalStateException("no string: " + expr);
  }

  private static Value vector(Evaluator evaluator, Expr expr, Grid grid) {
    List<Value.Element> elements = new ArrayList<>();
    evaluator.vector(
        expr,
        grid,
        (labels, column) -> {
          if (!Column.isAbsent(column[0])) {
            evaluator.budget().hold(1);
            boolean isHistogram = HistogramTable.isHistogram(column[0]);
            elements.add(
                new Value.Element(
                    labels,
                    isHistogram ? Double.NaN : column[0],
                    isHistogram ? evaluator.histograms().get(column[0]) : null));
          }
        });
    return new Value.Vector(grid.startMs(), elements);
  }

  private static Value matrix(Evaluator evaluator, Expr expr, Grid grid) {
    List<Points> series = new ArrayList<>();
    evaluator.vector(expr, grid, (labels, column) -> add(series, evaluator, grid, labels, column));
    return sorted(series);
  }

  private static Value sorted(List<Points> series) {
    series.sort(Comparator.comparing(Points::labels));
    return new Value.Matrix(series);
  }

  private static void add(
      List<Points> series, Evaluator evaluator, Grid grid, Labels labels, double[] column) {
    int count = Column.count(column);
    if (count == 0) {
      return;
    }
    evaluator.budget().hold(count);
    long[] timesMs = new long[count];
    double[] values = new double[count];
    @Nullable Histogram[] histograms = null;
    int point = 0;
    for (int i = 0; i < column.length; i++) {
      if (!Column.isAbsent(column[i])) {
        timesMs[point] = grid.timeMs(i);
        values[point] = column[i];
        if (HistogramTable.isHistogram(column[i])) {
          histograms = histograms == null ? new Histogram[count] : histograms;
          histograms[point] = evaluator.histograms().get(column[i]);
          values[point] = Double.NaN;
        }
        point++;
      }
    }
    series.add(new Points(labels, timesMs, values, histograms));
  }

  /** The samples of a range themselves. */
  private static Value samples(Evaluator evaluator, MatrixSelector matrix, Grid grid) {
    Lookback times = Lookback.of(matrix.selector().modifiers(), grid, evaluator.plan().query());
    List<Points> series = new ArrayList<>();
    Window window = new Window();
    for (SeriesView view : evaluator.series(matrix.selector())) {
      window.reset(view.samples());
      window.slide(times.firstMs() - matrix.rangeMs(), times.firstMs(), grid.startMs());
      int count = window.size();
      if (count > 0) {
        evaluator.budget().hold(count);
        evaluator.budget().work(count);
        long[] timesMs = new long[count];
        double[] values = new double[count];
        @Nullable Histogram[] histograms =
            window.histogramCount() > 0 ? new Histogram[count] : null;
        for (int i = 0; i < count; i++) {
          timesMs[i] = window.timeMs(i);
          values[i] = window.value(i);
          if (histograms != null) {
            histograms[i] = window.histogram(i);
          }
        }
        series.add(new Points(view.labels(), timesMs, values, histograms));
      }
    }
    return sorted(series);
  }
}

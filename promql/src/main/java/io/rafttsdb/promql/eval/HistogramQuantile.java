package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.Call;
import io.rafttsdb.promql.ast.Quoting;
import io.rafttsdb.promql.function.Buckets;
import io.rafttsdb.promql.function.HistogramMath;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates histogram_quantile on classic histograms: the series that differ by {@code le} only are
 * the buckets of one.
 */
final class HistogramQuantile {

  private static final String BOUND_LABEL = "le";
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");
  private static final Pattern INFINITE =
      Pattern.compile("[+]?[iI][nN][fF]([iI][nN][iI][tT][yY])?");

  private final Evaluator evaluator;
  private final Expr quantile;
  private final Expr operand;
  private final Grid grid;

  /** Of a call with a quantile and a vector, on a grid that is not empty. */
  HistogramQuantile(Evaluator evaluator, Call call, Grid grid) {
    this.evaluator = evaluator;
    this.quantile = call.arguments().get(0);
    this.operand = call.arguments().get(1);
    this.grid = grid;
  }

  /** One bucket over the steps. */
  private static final class Bucket {
    final double bound;
    final double[] counts;

    Bucket(double bound, double[] counts) {
      this.bound = bound;
      this.counts = counts;
    }
  }

  void evaluate(SeriesSink sink) {
    double[] quantiles = quantiles();
    Map<Labels, List<Bucket>> histograms = new LinkedHashMap<>();
    List<Series> natives = new ArrayList<>();
    long[] held = new long[1];
    evaluator.vector(
        operand,
        grid,
        (labels, column) -> {
          double[] ofNative = natives(column, quantiles);
          if (ofNative != null) {
            evaluator.budget().hold(column.length);
            held[0] += column.length;
            natives.add(new Series(labels, ofNative));
          }
          if (Column.isEmpty(column)) {
            return;
          }
          double bound = bound(labels);
          if (!Double.isNaN(bound)) {
            evaluator.budget().hold(column.length);
            held[0] += column.length;
            histograms
                .computeIfAbsent(labels.without(BOUND_LABEL), _ -> new ArrayList<>())
                .add(new Bucket(bound, column));
          }
        });
    evaluator.budget().release(held[0]);
    SeriesMerge merge = new SeriesMerge(evaluator.budget());
    Map<Labels, double[]> classic = new LinkedHashMap<>();
    histograms.forEach(
        (labels, buckets) -> classic.put(labels, column(labels, buckets, quantiles)));
    for (Series series : natives) {
      double[] other = classic.get(series.labels.without(BOUND_LABEL));
      if (other != null) {
        dropMixed(series, other);
      }
      merge.accept(Evaluator.withoutName(series.labels), series.column);
    }
    classic.forEach((labels, column) -> merge.accept(Evaluator.withoutName(labels), column));
    merge.flush(sink);
  }

  /** The quantiles of the native histograms in a column, which are taken out; null: of none. */
  private double @Nullable [] natives(double[] column, double[] quantiles) {
    double[] result = null;
    for (int i = 0; i < column.length; i++) {
      if (HistogramTable.isHistogram(column[i])) {
        result = result == null ? Column.empty(column.length) : result;
        Histogram histogram = evaluator.histograms().take(column[i]);
        result[i] = HistogramMath.quantile(quantiles[i], histogram);
        column[i] = Column.absent();
      }
    }
    return result;
  }

  private void dropMixed(Series natives, double[] classic) {
    for (int i = 0; i < classic.length; i++) {
      if (!Column.isAbsent(classic[i]) && !Column.isAbsent(natives.column[i])) {
        evaluator
            .annotations()
            .histogramWarning(
                "vector contains a mix of classic and native histograms for metric name "
                    + Quoting.quote(natives.labels.metricName()),
                operand.span());
        classic[i] = Column.absent();
        natives.column[i] = Column.absent();
      }
    }
  }

  private double[] quantiles() {
    double[] quantiles = evaluator.scalar(quantile, grid);
    for (double q : quantiles) {
      if (!(q >= 0 && q <= 1)) {
        evaluator.annotations().invalidQuantile(q, quantile.span());
        break;
      }
    }
    return quantiles;
  }

  /** Upper bound of the bucket that a series counts, NaN where its label is none. */
  private double bound(Labels labels) {
    String text = labels.get(BOUND_LABEL);
    if (NUMBER.matcher(text).matches()) {
      return Double.parseDouble(text);
    }
    if (INFINITE.matcher(text).matches()) {
      return Double.POSITIVE_INFINITY;
    }
    evaluator.annotations().badBucket(text, labels.metricName(), operand.span());
    return Double.NaN;
  }

  private double[] column(Labels labels, List<Bucket> buckets, double[] quantiles) {
    buckets.sort(Comparator.comparingDouble(bucket -> bucket.bound));
    double[] column = new double[quantiles.length];
    Buckets present = new Buckets(buckets.size());
    for (int i = 0; i < column.length; i++) {
      present.clear();
      for (Bucket bucket : buckets) {
        if (!Column.isAbsent(bucket.counts[i])) {
          present.add(bucket.bound, bucket.counts[i]);
        }
      }
      column[i] = present.isEmpty() ? Column.absent() : present.quantile(quantiles[i]);
      if (present.wasForcedMonotonic()) {
        evaluator.annotations().forcedMonotonic(labels.metricName(), operand.span());
      }
      evaluator.budget().work(buckets.size());
    }
    return column;
  }
}

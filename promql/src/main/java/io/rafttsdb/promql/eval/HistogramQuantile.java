package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.Call;
import io.rafttsdb.promql.function.Buckets;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

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
    long[] held = new long[1];
    evaluator.vector(
        operand,
        grid,
        (labels, column) -> {
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
    histograms.forEach((labels, buckets) ->
        merge.accept(Evaluator.withoutName(labels), column(labels, buckets, quantiles)));
    merge.flush(sink);
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

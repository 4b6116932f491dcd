package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Expr.Aggregation;
import io.rafttsdb.promql.ast.NumberText;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.EvaluationError;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Evaluates count_values: one series for each value in a group, the value as a label. */
final class CountValues {

  private final Evaluator evaluator;
  private final Aggregation aggregation;
  private final String label;
  private final Grid grid;
  private final Grouping grouping;
  private final Map<Labels, double[]> counts = new HashMap<>();

  CountValues(Evaluator evaluator, Aggregation aggregation, String label, Grid grid) {
    if (label.isEmpty()) {
      throw new EvaluationError("invalid label name \"\"");
    }
    this.evaluator = evaluator;
    this.aggregation = aggregation;
    this.label = label;
    this.grid = grid;
    List<String> names = new ArrayList<>(aggregation.grouping());
    if (!aggregation.without()) {
      names.add(label);
    }
    this.grouping = aggregation.without() ? Grouping.without(names) : Grouping.by(names);
  }

  void evaluate(SeriesSink sink) {
    evaluator.vector(aggregation.operand(), grid, this::add);
    evaluator.budget().release((long) counts.size() * grid.count());
    new TreeMap<>(counts).forEach(sink::accept);
  }

  private void add(Labels labels, double[] column) {
    Map<Long, double[]> ofSeries = new HashMap<>();
    long lastBits = 0;
    double[] last = null;
    for (int i = 0; i < column.length; i++) {
      if (Column.isAbsent(column[i])) {
        continue;
      }
      if (HistogramTable.isHistogram(column[i])) {
        throw new EvaluationError("count_values of native histograms is not supported yet");
      }
      long bits = Double.doubleToRawLongBits(column[i]);
      if (last == null || bits != lastBits) {
        last = ofSeries.computeIfAbsent(bits, _ -> counts(labels, bits));
        lastBits = bits;
      }
      last[i] = Column.isAbsent(last[i]) ? 1 : last[i] + 1;
    }
  }

  private double[] counts(Labels labels, long bits) {
    String value = NumberText.plain(Double.longBitsToDouble(bits));
    Labels key = grouping.key(labels.toBuilder().set(label, value).build());
    double[] column = counts.get(key);
    if (column == null) {
      evaluator.budget().hold(grid.count());
      column = Column.empty(grid.count());
      counts.put(key, column);
    }
    return column;
  }
}

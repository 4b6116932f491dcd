package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.EvaluationError;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Collects series whose label sets may have become equal: those without a common step become one
 * series; a common step is an error.
 */
final class SeriesMerge implements SeriesSink {

  static final String SAME_LABELS = "vector cannot contain metrics with the same labelset";

  private final Budget budget;
  private final Map<Labels, double[]> byLabels = new LinkedHashMap<>();
  private long held;

  SeriesMerge(Budget budget) {
    this.budget = budget;
  }

  @Override
  public void accept(Labels labels, double[] column) {
    double[] merged = byLabels.get(labels);
    if (merged == null) {
      budget.hold(column.length);
      held += column.length;
      byLabels.put(labels, column);
    } else if (!addTo(merged, column)) {
      throw new EvaluationError(SAME_LABELS);
    }
  }

  /** Copies the values over; false where both have one at the same step. */
  static boolean addTo(double[] target, double[] column) {
    for (int i = 0; i < column.length; i++) {
      if (!Column.isAbsent(column[i])) {
        if (!Column.isAbsent(target[i])) {
          return false;
        }
        target[i] = column[i];
      }
    }
    return true;
  }

  /** Gives all that was collected, in order of first appearance. */
  void flush(SeriesSink sink) {
    budget.release(held);
    byLabels.forEach(sink::accept);
    byLabels.clear();
  }
}

package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.BinaryOp;
import io.rafttsdb.promql.ast.Expr.Binary;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Evaluates and, or, unless: values don't matter, only at which steps a match group has any. */
final class SetOperation {

  private final Evaluator evaluator;
  private final Binary binary;
  private final Grid grid;
  private final Grouping grouping;

  /**
   * @param grid not empty
   */
  SetOperation(Evaluator evaluator, Binary binary, Grid grid) {
    this.evaluator = evaluator;
    this.binary = binary;
    this.grid = grid;
    this.grouping = Grouping.of(binary.matching());
  }

  void evaluate(SeriesSink sink) {
    if (binary.op() == BinaryOp.OR) {
      union(sink);
      return;
    }
    boolean unless = binary.op() == BinaryOp.UNLESS;
    Map<Labels, boolean[]> present = new HashMap<>();
    evaluator.vector(
        binary.right(),
        grid,
        (labels, column) -> {
          note(present, labels, column);
          evaluator.dropHistograms(column);
        });
    evaluator.vector(
        binary.left(),
        grid,
        (labels, column) -> {
          boolean @Nullable [] steps = present.get(grouping.key(labels));
          for (int i = 0; i < column.length; i++) {
            boolean matched = steps != null && steps[i];
            if (matched == unless) {
              column[i] = Column.absent();
            }
          }
          sink.accept(labels, column);
        });
    evaluator.budget().release((long) present.size() * grid.count());
  }

  private void note(Map<Labels, boolean[]> present, Labels labels, double[] column) {
    Labels key = grouping.key(labels);
    boolean[] steps = present.get(key);
    if (steps == null) {
      evaluator.budget().hold(grid.count());
      steps = new boolean[grid.count()];
      present.put(key, steps);
    }
    for (int i = 0; i < column.length; i++) {
      steps[i] |= !Column.isAbsent(column[i]);
    }
  }

  private void union(SeriesSink sink) {
    Map<Labels, boolean[]> present = new HashMap<>();
    SeriesMerge merge = new SeriesMerge(evaluator.budget());
    List<Series> left = Series.collect(evaluator, binary.left(), grid);
    Series.release(evaluator, left, grid);
    for (Series series : left) {
      note(present, series.labels, series.column);
      merge.accept(series.labels, series.column);
    }
    evaluator.vector(
        binary.right(),
        grid,
        (labels, column) -> {
          boolean @Nullable [] steps = present.get(grouping.key(labels));
          for (int i = 0; steps != null && i < column.length; i++) {
            if (steps[i]) {
              column[i] = Column.absent();
            }
          }
          merge.accept(labels, column);
        });
    evaluator.budget().release((long) present.size() * grid.count());
    merge.flush(sink);
  }
}

package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.MatrixSelector;
import io.rafttsdb.promql.ast.Expr.VectorSelector;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Evaluates absent and absent_over_time: 1 at each step at which there is nothing. */
final class Absence {

  private final Evaluator evaluator;
  private final Expr operand;
  private final Grid grid;
  private final double[] result;

  Absence(Evaluator evaluator, Expr operand, Grid grid) {
    this.evaluator = evaluator;
    this.operand = operand;
    this.grid = grid;
    this.result = new double[grid.count()];
    Arrays.fill(result, 1);
  }

  void ofVector(SeriesSink sink) {
    evaluator.vector(operand, grid, (_, column) -> seen(column));
    sink.accept(labels(), result);
  }

  void ofRange(SeriesSink sink) {
    new RangeCall(evaluator, operand, List.of(), (_, _) -> 1, (_, _, _) -> 1, grid)
        .each((_, column) -> seen(column));
    sink.accept(labels(), result);
  }

  private void seen(double[] column) {
    for (int i = 0; i < column.length; i++) {
      if (!Column.isAbsent(column[i])) {
        result[i] = Column.absent();
      }
    }
    evaluator.dropHistograms(column);
  }

  /**
   * The labels that a series would surely have: those asked for by one equality and nothing else.
   */
  private Labels labels() {
    List<Matcher> matchers =
        switch (Expr.unwrap(operand)) {
          case VectorSelector selector -> selector.matchers();
          case MatrixSelector matrix -> matrix.selector().matchers();
          default -> List.of();
        };
    Labels.Builder labels = Labels.EMPTY.toBuilder();
    Set<String> seen = new HashSet<>();
    for (Matcher matcher : matchers) {
      if (matcher.name().equals(Labels.METRIC_NAME)) {
        continue;
      }
      if (matcher.type() == Matcher.Type.EQUAL && seen.add(matcher.name())) {
        labels.set(matcher.name(), matcher.value());
      } else {
        labels.remove(matcher.name());
      }
    }
    return labels.build();
  }
}

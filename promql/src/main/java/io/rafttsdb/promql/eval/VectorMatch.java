package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.BinaryOp;
import io.rafttsdb.promql.ast.Expr.Binary;
import io.rafttsdb.promql.ast.VectorMatching;
import io.rafttsdb.promql.ast.VectorMatching.Cardinality;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.EvaluationError;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates arithmetic and comparison between two vectors. The series of both sides fall into match
 * groups; in a group, at each step, one side has at most one series.
 */
final class VectorMatch {

  private final Evaluator evaluator;
  private final Binary binary;
  private final Grid grid;
  private final VectorMatching matching;
  private final Grouping grouping;
  private final Set<String> matchingLabels;
  private final DoubleBinaryOperator operator;
  private final HistogramOperators ofHistograms;
  private final boolean manyOnTheRight;
  private boolean @Nullable [] manyPresent; // at which steps the "many" side has any series

  /**
   * @param grid not empty
   */
  VectorMatch(Evaluator evaluator, Binary binary, Grid grid) {
    this.evaluator = evaluator;
    this.binary = binary;
    this.grid = grid;
    this.matching = binary.matching();
    this.grouping = Grouping.of(matching);
    this.matchingLabels = Set.copyOf(matching.labels());
    this.operator = Operators.of(binary.op(), binary.returnBool());
    this.ofHistograms =
        new HistogramOperators(binary, evaluator.histograms(), evaluator.annotations());
    this.manyOnTheRight = matching.cardinality() == Cardinality.ONE_TO_MANY;
  }

  /** The series of one match group. */
  private static final class Group {
    final Labels key;
    final List<Series> ones = new ArrayList<>(1);
    final List<Series> manys = new ArrayList<>(1);

    Group(Labels key) {
      this.key = key;
    }
  }

  void evaluate(SeriesSink sink) {
    List<Series> many =
        Series.collect(evaluator, manyOnTheRight ? binary.right() : binary.left(), grid);
    List<Series> one =
        Series.collect(evaluator, manyOnTheRight ? binary.left() : binary.right(), grid);
    Map<Labels, Group> groups = new LinkedHashMap<>();
    for (Series series : many) {
      groups.computeIfAbsent(grouping.key(series.labels), Group::new).manys.add(series);
    }
    for (Series series : one) {
      groups.computeIfAbsent(grouping.key(series.labels), Group::new).ones.add(series);
    }
    SeriesMerge merge = new SeriesMerge(evaluator.budget());
    for (Group group : groups.values()) {
      checkOnes(group, many);
      match(group, merge);
      evaluator.budget().work(group.manys.size() * grid.count());
    }
    many.forEach(series -> evaluator.dropHistograms(series.column));
    one.forEach(series -> evaluator.dropHistograms(series.column));
    Series.release(evaluator, many, grid);
    Series.release(evaluator, one, grid);
    merge.flush(sink);
  }

  /**
   * Two series of the "one" side in a group at the same step are an error if the other side has
   * any.
   */
  private void checkOnes(Group group, List<Series> many) {
    for (int later = 1; later < group.ones.size(); later++) {
      for (int earlier = 0; earlier < later; earlier++) {
        double[] a = group.ones.get(earlier).column;
        double[] b = group.ones.get(later).column;
        for (int i = 0; i < a.length; i++) {
          if (!Column.isAbsent(a[i]) && !Column.isAbsent(b[i]) && manyPresent(many)[i]) {
            throw new EvaluationError(
                "found duplicate series for the match group "
                    + group.key
                    + " on the "
                    + (manyOnTheRight ? "left" : "right")
                    + " hand-side of the operation: ["
                    + group.ones.get(later).labels
                    + ", "
                    + group.ones.get(earlier).labels
                    + "];many-to-many matching not allowed: matching labels must be unique on"
                    + " one side");
          }
        }
      }
    }
  }

  private boolean[] manyPresent(List<Series> many) {
    boolean[] present = manyPresent;
    if (present == null) {
      present = new boolean[grid.count()];
      for (Series series : many) {
        for (int i = 0; i < present.length; i++) {
          present[i] |= !Column.isAbsent(series.column[i]);
        }
      }
      manyPresent = present;
    }
    return present;
  }

  private void match(Group group, SeriesMerge merge) {
    boolean oneToOne = matching.cardinality() == Cardinality.ONE_TO_ONE;
    boolean[] matched = oneToOne && group.manys.size() > 1 ? new boolean[grid.count()] : null;
    Map<Labels, double[]> results = new HashMap<>();
    for (Series many : group.manys) {
      for (Series one : group.ones) {
        double[] column = compute(many.column, one.column);
        if (Column.isEmpty(column)) {
          continue;
        }
        if (matched != null) {
          checkOneToOne(matched, column);
        }
        Labels labels = resultLabels(many.labels, one.labels);
        double[] before = results.putIfAbsent(labels, column);
        if (before != null && !oneToOne && overlap(before, column)) {
          throw new EvaluationError(
              "multiple matches for labels: grouping labels must ensure unique matches");
        }
        merge.accept(labels, column);
      }
    }
  }

  private double[] compute(double[] many, double[] one) {
    double[] column = new double[many.length];
    for (int i = 0; i < column.length; i++) {
      if (Column.isAbsent(many[i]) || Column.isAbsent(one[i])) {
        column[i] = Column.absent();
      } else if (HistogramTable.isHistogram(many[i]) || HistogramTable.isHistogram(one[i])) {
        column[i] =
            manyOnTheRight
                ? ofHistograms.apply(one[i], many[i])
                : ofHistograms.apply(many[i], one[i]);
      } else {
        column[i] =
            manyOnTheRight
                ? operator.applyAsDouble(one[i], many[i])
                : operator.applyAsDouble(many[i], one[i]);
      }
    }
    return column;
  }

  private static void checkOneToOne(boolean[] matched, double[] column) {
    for (int i = 0; i < column.length; i++) {
      if (!Column.isAbsent(column[i])) {
        if (matched[i]) {
          throw new EvaluationError(
              "multiple matches for labels: many-to-one matching must be explicit"
                  + " (group_left/group_right)");
        }
        matched[i] = true;
      }
    }
  }

  private static boolean overlap(double[] a, double[] b) {
    for (int i = 0; i < a.length; i++) {
      if (!Column.isAbsent(a[i]) && !Column.isAbsent(b[i])) {
        return true;
      }
    }
    return false;
  }

  private Labels resultLabels(Labels many, Labels one) {
    BinaryOp op = binary.op();
    Labels labels = op.isComparison() ? many : Evaluator.withoutName(many);
    if (matching.cardinality() == Cardinality.ONE_TO_ONE) {
      labels = matching.on() ? labels.keep(matchingLabels) : labels.drop(matchingLabels);
    }
    if (!matching.include().isEmpty()) {
      Labels.Builder builder = labels.toBuilder();
      for (String name : matching.include()) {
        builder.set(name, one.get(name));
      }
      labels = builder.build();
    }
    return binary.returnBool() ? Evaluator.withoutName(labels) : labels;
  }
}

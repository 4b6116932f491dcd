package io.rafttsdb.promql.eval;

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
import io.rafttsdb.promql.ast.Modifiers;
import io.rafttsdb.promql.value.QueryLimitExceeded;
import io.rafttsdb.storage.model.Selection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * What is known of a query before any sample is read: which samples each selector needs, exactly,
 * and which parts have the same value at every step. Nodes are told apart by identity.
 */
public final class Plan {

  /** Step of a subquery that names none, and its steps lie on multiples of it. */
  static final long SUBQUERY_STEP_DEFAULT_MS = 60_000;

  private final Grid query;
  private final long lookbackMs;
  private final List<Selection> selections = new ArrayList<>();
  private final IdentityHashMap<VectorSelector, Integer> places = new IdentityHashMap<>();
  private final Set<Expr> invariant = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * Plans a query.
   *
   * @param lookbackMs how old a sample an instant selector takes at most
   */
  public Plan(Expr expr, Grid query, long lookbackMs) {
    this.query = query;
    this.lookbackMs = lookbackMs;
    visit(expr, query);
  }

  Grid query() {
    return query;
  }

  long lookbackMs() {
    return lookbackMs;
  }

  /** What the query asks of the storage, all at once. */
  public List<Selection> selections() {
    return selections;
  }

  /** Place of a selector's series in the answer to {@link #selections}. */
  int place(VectorSelector selector) {
    Integer place = places.get(selector);
    if (place == null) {
      throw new IllegalStateException("selector at " + selector.span() + " was not planned");
    }
    return place;
  }

  /** Whether a node has the same value at every step. */
  boolean isInvariant(Expr expr) {
    return invariant.contains(expr);
  }

  /** Whether the node's value is the same at every step; notes what its selectors need. */
  private boolean visit(Expr expr, Grid grid) {
    boolean same =
        switch (expr) {
          case NumberLiteral _, StringLiteral _ -> true;
          case VectorSelector selector -> {
            select(selector, lookbackMs, grid);
            yield selector.modifiers().at() != null;
          }
          case MatrixSelector(VectorSelector selector, long rangeMs, var _) -> {
            select(selector, rangeMs, grid);
            yield selector.modifiers().at() != null;
          }
          case Subquery subquery -> {
            // Even with a constant operand: how many of its steps are in the range differs.
            visit(subquery.operand(), steps(subquery, grid));
            yield subquery.modifiers().at() != null;
          }
          case Call call -> visitAll(call.arguments(), grid) && !usesTime(call);
          case Aggregation aggregation -> {
            boolean operand = visit(aggregation.operand(), grid);
            Expr parameter = aggregation.parameter();
            yield (parameter == null || visit(parameter, grid)) && operand;
          }
          case Binary binary -> visitAll(List.of(binary.left(), binary.right()), grid);
          case Unary unary -> visit(unary.operand(), grid);
          case Paren paren -> visit(paren.inner(), grid);
        };
    if (same) {
      invariant.add(expr);
    }
    return same;
  }

  private boolean visitAll(List<Expr> exprs, Grid grid) {
    boolean same = true;
    for (Expr expr : exprs) {
      same &= visit(expr, grid);
    }
    return same;
  }

  /** Whether a call's value depends on the step's time beyond its arguments. */
  private static boolean usesTime(Call call) {
    return switch (call.function()) {
      case "time", "timestamp", "predict_linear" -> true;
      case "year",
          "month",
          "day_of_month",
          "day_of_year",
          "day_of_week",
          "days_in_month",
          "hour",
          "minute" ->
          call.arguments().isEmpty();
      default -> false;
    };
  }

  private void select(VectorSelector selector, long rangeMs, Grid grid) {
    if (grid.count() == 0) {
      return;
    }
    Lookback times = Lookback.of(selector.modifiers(), grid, query);
    places.put(selector, selections.size());
    selections.add(
        new Selection(selector.matchers(), times.firstMs() - rangeMs + 1, times.lastMs()));
  }

  /** The steps at which a subquery's operand is evaluated for all steps of the grid around it. */
  Grid steps(Subquery subquery, Grid grid) {
    long stepMs = subquery.stepMs() > 0 ? subquery.stepMs() : SUBQUERY_STEP_DEFAULT_MS;
    if (grid.count() == 0) {
      return new Grid(0, stepMs, 0);
    }
    Modifiers modifiers = subquery.modifiers();
    Lookback times = Lookback.of(modifiers, grid, query);
    long firstMs = (Math.floorDiv(times.firstMs() - subquery.rangeMs(), stepMs) + 1) * stepMs;
    long count = Math.floorDiv(times.lastMs() - firstMs, stepMs) + 1;
    if (count > Integer.MAX_VALUE / 2) {
      throw new QueryLimitExceeded(
          "subquery of " + count + " steps, expected at most " + Integer.MAX_VALUE / 2);
    }
    return new Grid(firstMs, stepMs, (int) Math.max(0, count));
  }
}

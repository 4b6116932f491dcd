package io.rafttsdb.promql;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.ValueType;
import io.rafttsdb.promql.eval.Budget;
import io.rafttsdb.promql.eval.Evaluator;
import io.rafttsdb.promql.eval.Grid;
import io.rafttsdb.promql.eval.Plan;
import io.rafttsdb.promql.eval.Results;
import io.rafttsdb.promql.function.Types;
import io.rafttsdb.promql.parse.Parser;
import io.rafttsdb.promql.value.Annotations;
import io.rafttsdb.promql.value.EvaluationError;
import io.rafttsdb.promql.value.InvalidQuery;
import io.rafttsdb.promql.value.QueryLimitExceeded;
import io.rafttsdb.promql.value.QueryResult;
import io.rafttsdb.promql.value.Value;

/**
 * The query engine. Holds limits only: queries may run on any number of threads at once, each on
 * the thread that calls; interrupting it cancels the query.
 */
public final class PromQl {

  /** Farthest time from 1970 of a query, so that no sum of times overflows. */
  private static final long TIME_MAX_MS = 1L << 60;

  private final QueryLimits limits;

  public PromQl(QueryLimits limits) {
    this.limits = limits;
  }

  /**
   * Parses and type-checks a query.
   *
   * @throws io.rafttsdb.promql.parse.ParseError where it is none that can be evaluated
   */
  public Expr parse(String query) {
    return Parser.parse(query);
  }

  /** What kind of value a parsed query has. */
  public ValueType typeOf(Expr expr) {
    return Types.of(expr);
  }

  /**
   * Evaluates a query at one time.
   *
   * @throws io.rafttsdb.promql.value.QueryException where it has no result
   */
  public QueryResult instant(Expr expr, long timeMs, SeriesSource source) {
    return instant(expr, timeMs, source, limits);
  }

  /** The same, within other limits. */
  public QueryResult instant(Expr expr, long timeMs, SeriesSource source, QueryLimits within) {
    checkTime(timeMs);
    return evaluate(expr, Grid.at(timeMs), source, within, Results::instant);
  }

  /**
   * Evaluates a query at {@code startMs}, {@code startMs + stepMs} and so on, up to {@code endMs}.
   *
   * @throws io.rafttsdb.promql.value.QueryException where it has no result
   */
  public QueryResult range(Expr expr, long startMs, long endMs, long stepMs, SeriesSource source) {
    return range(expr, startMs, endMs, stepMs, source, limits);
  }

  /** The same, within other limits. */
  public QueryResult range(
      Expr expr, long startMs, long endMs, long stepMs, SeriesSource source, QueryLimits within) {
    checkTime(startMs);
    checkTime(endMs);
    if (stepMs <= 0 || endMs < startMs) {
      throw new InvalidQuery(
          "range from " + startMs + " to " + endMs + " ms in steps of " + stepMs + " ms");
    }
    ValueType type = Types.of(expr);
    if (type == ValueType.STRING || type == ValueType.RANGE_VECTOR) {
      throw new InvalidQuery(
          "invalid expression type \""
              + type.words()
              + "\" for range query, must be Scalar or instant Vector");
    }
    long count = (endMs - startMs) / stepMs + 1;
    if (count > within.samplesMax() || count > Integer.MAX_VALUE / 2) {
      throw new QueryLimitExceeded(
          "query of " + count + " steps, expected at most " + within.samplesMax());
    }
    return evaluate(expr, new Grid(startMs, stepMs, (int) count), source, within, Results::range);
  }

  private static void checkTime(long timeMs) {
    if (Math.abs(timeMs) > TIME_MAX_MS) {
      throw new EvaluationError("time of " + timeMs + " ms is out of bounds");
    }
  }

  @FunctionalInterface
  private interface Shape {
    Value of(Evaluator evaluator, Expr expr, Grid grid);
  }

  private static QueryResult evaluate(
      Expr expr, Grid grid, SeriesSource source, QueryLimits within, Shape shape) {
    long deadlineNanos = System.nanoTime() + within.timeout().toNanos();
    Plan plan = new Plan(expr, grid, within.lookback().toMillis());
    Annotations annotations = new Annotations();
    Evaluator evaluator =
        new Evaluator(
            plan,
            source.select(plan.selections()),
            new Budget(within.samplesMax(), deadlineNanos),
            annotations);
    Value value = shape.of(evaluator, expr, grid);
    return new QueryResult(value, annotations.warnings(), annotations.infos());
  }
}

package io.rafttsdb.node.query;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.node.query.ApiReply.Remarks;
import io.rafttsdb.promql.PromQl;
import io.rafttsdb.promql.QueryLimits;
import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Printer;
import io.rafttsdb.promql.value.QueryResult;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** {@code query}, {@code query_range}, {@code format_query} and {@code parse_query}. */
final class PromQlEndpoints {

  /** Points of a series that a range query may ask for, less one. */
  private static final long STEPS_MAX = 11_000;

  private final PromQl engine;
  private final QueryLimits limits;
  private final ReadGate gate;
  private final QuerySlots slots;
  private final InstantSource clock;

  PromQlEndpoints(
      PromQl engine, QueryLimits limits, ReadGate gate, QuerySlots slots, InstantSource clock) {
    this.engine = engine;
    this.limits = limits;
    this.gate = gate;
    this.slots = slots;
    this.clock = clock;
  }

  void register(Router.Builder router) {
    router
        .getOrPost("/api/v1/query", ApiFunction.handler(this::instant))
        .getOrPost("/api/v1/query_range", ApiFunction.handler(this::range))
        .getOrPost("/api/v1/format_query", ApiFunction.handler(this::format))
        .getOrPost("/api/v1/parse_query", ApiFunction.handler(this::parse));
  }

  /** Evaluates a parsed query on captured series. */
  @FunctionalInterface
  private interface Evaluation {
    QueryResult on(CapturedSeries series, QueryLimits within);
  }

  private HttpReply instant(HttpRequest request) throws ApiError, InterruptedException {
    ReadParameters parameters = new ReadParameters(request);
    int limit = parameters.limit();
    long timeMs = parameters.timeMs("time", clock.millis());
    QueryLimits within = within(parameters);
    ReadDemand demand = parameters.demand();
    String query = parameters.text("query");
    Expr expr = engine.parse(query);
    return evaluate(
        query, limit, demand, within, (series, left) -> engine.instant(expr, timeMs, series, left));
  }

  private HttpReply range(HttpRequest request) throws ApiError, InterruptedException {
    ReadParameters parameters = new ReadParameters(request);
    int limit = parameters.limit();
    long startMs = parameters.timeMs("start");
    long endMs = parameters.timeMs("end");
    if (endMs < startMs) {
      throw ApiError.badParameter("end", "end timestamp must not be before start time");
    }
    long stepMs = stepMs(parameters, startMs, endMs);
    QueryLimits within = within(parameters);
    ReadDemand demand = parameters.demand();
    String query = parameters.text("query");
    Expr expr = engine.parse(query);
    return evaluate(
        query,
        limit,
        demand,
        within,
        (series, left) -> engine.range(expr, startMs, endMs, stepMs, series, left));
  }

  private static long stepMs(ReadParameters parameters, long startMs, long endMs) throws ApiError {
    Duration step = parameters.duration("step");
    if (!step.isPositive()) {
      throw ApiError.badParameter(
          "step",
          "zero or negative query resolution step widths are not accepted. Try a positive integer");
    }
    long stepMs = step.toMillis();
    if (stepMs == 0) {
      throw ApiError.badParameter("step", "expected at least 1ms, got " + step.toNanos() + "ns");
    }
    // Of two times so far apart that their difference overflows.
    if (endMs - startMs < 0 || (endMs - startMs) / stepMs > STEPS_MAX) {
      throw new ApiError(
          ApiError.Type.BAD_DATA,
          "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query"
              + " resolution (?step=XX)");
    }
    return stepMs;
  }

  private QueryLimits within(ReadParameters parameters) throws ApiError {
    QueryLimits within = limits;
    Duration timeout = parameters.optionalDuration("timeout");
    if (timeout != null && timeout.compareTo(limits.timeout()) < 0) {
      within = within.withTimeout(timeout.isNegative() ? Duration.ZERO : timeout);
    }
    Duration lookback = lookback(parameters);
    return lookback == null ? within : within.withLookback(lookback);
  }

  /** The lookback asked for, or null where the usual one shall do. */
  private static @Nullable Duration lookback(ReadParameters parameters) throws ApiError {
    String text = parameters.text("lookback_delta");
    if (text.isEmpty()) {
      return null;
    }
    try {
      Duration lookback = TimeText.duration(text);
      return lookback.toMillis() > 0 ? lookback : null;
    } catch (IllegalArgumentException e) {
      throw new ApiError(
          ApiError.Type.BAD_DATA, "error parsing lookback delta duration: " + e.getMessage());
    }
  }

  private HttpReply evaluate(
      String query, int limit, ReadDemand demand, QueryLimits within, Evaluation evaluation)
      throws ApiError, InterruptedException {
    long deadlineNanos = System.nanoTime() + within.timeout().toNanos();
    OpenedRead opened = gate.open(demand, within.timeout());
    try (QuerySlots.Turn _ = slots.take(left(deadlineNanos));
        CapturedSeries series = new CapturedSeries(opened.storage())) {
      QueryResult result = evaluation.on(series, within.withTimeout(left(deadlineNanos)));
      ResultJson json = new ResultJson(query, result, limit);
      return opened.mark(ApiReply.success(json::write, json.remarks()), series.indexes());
    }
  }

  private static Duration left(long deadlineNanos) {
    return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
  }

  private HttpReply format(HttpRequest request) throws ApiError {
    Expr expr = engine.parse(new ReadParameters(request).text("query"));
    return ApiReply.success(json -> json.string(Printer.print(expr)), Remarks.NONE);
  }

  private HttpReply parse(HttpRequest request) throws ApiError {
    String query = new ReadParameters(request).text("query");
    Expr expr = engine.parse(query);
    return ApiReply.success(json -> ParseTree.write(query, expr, json), Remarks.NONE);
  }
}

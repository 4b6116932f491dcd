package io.rafttsdb.node.query;

import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.promql.PromQl;
import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.VectorSelector;
import io.rafttsdb.promql.ast.Modifiers;
import io.rafttsdb.promql.parse.ParseError;
import io.rafttsdb.storage.model.Matcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request's parameters by type. An empty one counts as not sent, as in Prometheus. */
final class ReadParameters {
  private final HttpRequest request;

  ReadParameters(HttpRequest request) {
    this.request = request;
  }

  /** Text of a parameter, empty where it was not sent. */
  String text(String name) {
    String value = request.parameter(name);
    return value == null ? "" : value;
  }

  /** What the read asks of the state that it sees. */
  ReadDemand demand() throws ApiError {
    Consistency consistency = Consistency.of(text("consistency"));
    Duration stalenessMax = optionalDuration("max_staleness");
    if (stalenessMax != null && consistency != Consistency.STALE) {
      throw ApiError.badParameter("max_staleness", "it goes with consistency=stale only");
    }
    if (stalenessMax != null && stalenessMax.isNegative()) {
      throw ApiError.badParameter("max_staleness", "expected 0 or more");
    }
    String token = request.header(ReadToken.HEADER);
    return new ReadDemand(consistency, stalenessMax, token == null ? "" : token.trim());
  }

  /** A time that must be there, in milliseconds since 1970. */
  long timeMs(String name) throws ApiError {
    try {
      return TimeText.timeMs(text(name));
    } catch (IllegalArgumentException e) {
      throw ApiError.badParameter(name, e.getMessage());
    }
  }

  /** A time in milliseconds since 1970, or the default where it was not sent. */
  long timeMs(String name, long absentMs) throws ApiError {
    if (text(name).isEmpty()) {
      return absentMs;
    }
    try {
      return TimeText.timeMs(text(name));
    } catch (IllegalArgumentException e) {
      throw ApiError.badParameter(name, "invalid time value for '" + name + "': " + e.getMessage());
    }
  }

  /** A duration that must be there, negative ones too. */
  Duration duration(String name) throws ApiError {
    try {
      return TimeText.duration(text(name));
    } catch (IllegalArgumentException e) {
      throw ApiError.badParameter(name, e.getMessage());
    }
  }

  /** A duration, or null where it was not sent. */
  @Nullable Duration optionalDuration(String name) throws ApiError {
    return text(name).isEmpty() ? null : duration(name);
  }

  /** How many results are asked for at most; 0: all. */
  int limit() throws ApiError {
    String text = text("limit");
    if (text.isEmpty()) {
      return 0;
    }
    int limit;
    try {
      limit = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw ApiError.badParameter("limit", "expected a whole number, got \"" + text + "\"");
    }
    if (limit < 0) {
      throw ApiError.badParameter("limit", "limit must be non-negative");
    }
    return limit;
  }

  /** The matchers of each {@code match[]}. */
  List<List<Matcher>> matcherSets(PromQl engine) throws ApiError {
    List<List<Matcher>> sets = new ArrayList<>();
    for (String selector : request.parameterValues("match[]")) {
      sets.add(matchers(engine, selector));
    }
    return sets;
  }

  private static List<Matcher> matchers(PromQl engine, String selector) throws ApiError {
    Expr expr;
    try {
      expr = engine.parse(selector);
    } catch (ParseError e) {
      throw ApiError.badParameter("match[]", e.getMessage());
    }
    if (expr instanceof VectorSelector vector && vector.modifiers().equals(Modifiers.NONE)) {
      return vector.matchers();
    }
    throw ApiError.badParameter(
        "match[]", "expected a series selector such as up{job=\"node\"}, got " + selector);
  }
}

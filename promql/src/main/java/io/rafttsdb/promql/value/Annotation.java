package io.rafttsdb.promql.value;

import io.rafttsdb.promql.ast.Span;

/** A remark on a query that does not keep it from a result. */
public record Annotation(String message, Span span) {

  /** The remark with its place in the query's text, as Prometheus writes it. */
  public String in(String query) {
    return message + " (" + span.place(query) + ")";
  }
}

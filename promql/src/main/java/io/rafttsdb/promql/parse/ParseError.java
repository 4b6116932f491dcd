package io.rafttsdb.promql.parse;

import io.rafttsdb.promql.ast.Span;
import io.rafttsdb.promql.value.InvalidQuery;

/**
 * The text is no PromQL, or none that this engine evaluates. The message begins with the place as
 * Prometheus tells it: line and column from 1, columns counted in bytes of UTF-8.
 */
public final class ParseError extends InvalidQuery {

  private static final long serialVersionUID = 1L;

  private final int offset;

  ParseError(String query, int offset, String problem) {
    super(new Span(offset, offset).place(query) + ": parse error: " + problem);
    this.offset = offset;
  }

  /** Where in the text, counted in UTF-16 units from 0. */
  public int offset() {
    return offset;
  }
}

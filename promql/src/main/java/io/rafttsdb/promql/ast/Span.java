package io.rafttsdb.promql.ast;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Where a node stands in the query's text.
 *
 * @param start first character, counted in UTF-16 units from 0
 * @param end one past the last character
 */
public record Span(int start, int end) {
  public Span {
    if (start < 0 || end < start) {
      throw new IllegalArgumentException("span [" + start + ", " + end + ")");
    }
  }

  /** From the start of this one to the end of another that follows it. */
  public Span to(Span last) {
    return new Span(start, last.end);
  }

  /** The start as Prometheus tells it, {@code line:column} from 1, columns in bytes of UTF-8. */
  public String place(String query) {
    String before = query.substring(0, Math.min(start, query.length()));
    int lineFrom = before.lastIndexOf('\n') + 1;
    long line = before.chars().filter(c -> c == '\n').count() + 1;
    return line + ":" + (before.substring(lineFrom).getBytes(UTF_8).length + 1);
  }
}

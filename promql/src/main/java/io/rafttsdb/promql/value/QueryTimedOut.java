package io.rafttsdb.promql.value;

/** The query took longer than it was given. */
public final class QueryTimedOut extends QueryException {

  private static final long serialVersionUID = 1L;

  public QueryTimedOut() {
    super("query timed out in expression evaluation", null);
  }
}

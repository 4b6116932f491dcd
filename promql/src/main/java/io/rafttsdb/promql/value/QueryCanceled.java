package io.rafttsdb.promql.value;

/** The thread that evaluated the query was interrupted: nobody waits for the result any more. */
public final class QueryCanceled extends QueryException {

  private static final long serialVersionUID = 1L;

  public QueryCanceled() {
    super("query was canceled in expression evaluation", null);
  }
}

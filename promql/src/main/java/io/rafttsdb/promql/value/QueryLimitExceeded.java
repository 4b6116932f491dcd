package io.rafttsdb.promql.value;

/** The query would hold more samples at once than a query may. */
public final class QueryLimitExceeded extends QueryException {

  private static final long serialVersionUID = 1L;

  public QueryLimitExceeded(String message) {
    super(message, null);
  }
}

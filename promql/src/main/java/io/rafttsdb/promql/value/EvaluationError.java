package io.rafttsdb.promql.value;

/** The query is well formed, but can't be evaluated on this data. */
public final class EvaluationError extends QueryException {

  private static final long serialVersionUID = 1L;

  public EvaluationError(String message) {
    super(message, null);
  }

  public EvaluationError(String message, Throwable cause) {
    super(message, cause);
  }
}

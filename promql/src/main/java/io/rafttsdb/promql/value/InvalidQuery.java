package io.rafttsdb.promql.value;

/**
 * The query itself is wrong, whatever the data: bad text, bad types, or a kind of query it can't
 * be.
 */
public non-sealed class InvalidQuery extends QueryException {

  private static final long serialVersionUID = 1L;

  public InvalidQuery(String message) {
    super(message, null);
  }
}

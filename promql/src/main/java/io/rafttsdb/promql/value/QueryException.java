package io.rafttsdb.promql.value;

import org.jspecify.annotations.Nullable;

/** Why a query has no result. The message is for the user; the type tells the kind of answer. */
public abstract sealed class QueryException extends RuntimeException
    permits InvalidQuery, EvaluationError, QueryLimitExceeded, QueryTimedOut, QueryCanceled {

  private static final long serialVersionUID = 1L;

  QueryException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

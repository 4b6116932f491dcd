package io.rafttsdb.node.query;

import io.rafttsdb.node.http.HttpHandler;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.promql.value.EvaluationError;
import io.rafttsdb.promql.value.InvalidQuery;
import io.rafttsdb.promql.value.QueryCanceled;
import io.rafttsdb.promql.value.QueryException;
import io.rafttsdb.promql.value.QueryLimitExceeded;
import io.rafttsdb.promql.value.QueryTimedOut;
import io.rafttsdb.storage.model.CaptureOverrun;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.MissingBlock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers a read; what it throws becomes Prometheus's JSON of an error. */
@FunctionalInterface
interface ApiFunction {

  HttpReply answer(HttpRequest request) throws ApiError, InterruptedException;

  /** A handler that answers errors too. */
  static HttpHandler handler(ApiFunction function) {
    return request -> {
      try {
        return function.answer(request);
      } catch (ApiError e) {
        return ApiReply.error(e);
      } catch (QueryException e) {
        return ApiReply.error(ofQuery(e));
      } catch (LimitExceeded e) {
        return ApiReply.error(new ApiError(ApiError.Type.EXECUTION, e.getMessage()));
      } catch (CaptureOverrun | MissingBlock e) {
        return ApiReply.error(new ApiError(ApiError.Type.UNAVAILABLE, e.getMessage()));
      } catch (RuntimeException e) {
        Logger log = LoggerFactory.getLogger(ApiFunction.class);
        log.error("{} {} failed", request.method(), request.path(), e);
        return ApiReply.error(new ApiError(ApiError.Type.INTERNAL, e.toString()));
      }
    };
  }

  private static ApiError ofQuery(QueryException e) {
    return switch (e) {
      case InvalidQuery _ -> ApiError.badParameter("query", e.getMessage());
      case EvaluationError _, QueryLimitExceeded _ ->
          new ApiError(ApiError.Type.EXECUTION, e.getMessage());
      case QueryTimedOut _ -> new ApiError(ApiError.Type.TIMEOUT, e.getMessage());
      case QueryCanceled _ -> new ApiError(ApiError.Type.CANCELED, e.getMessage());
    };
  }
}

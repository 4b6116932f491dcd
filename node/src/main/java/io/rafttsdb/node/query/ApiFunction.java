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
import io.rafttsdb.storage.model.EngineClosed;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.UnreadableChunks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers a read; what it throws becomes Prometheus's JSON of an error. */
@FunctionalInterface
interface ApiFunction {

  /** Engines that are replaced one after the other while one request is answered. */
  int ENGINES_MAX = 3;

  HttpReply answer(HttpRequest request) throws ApiError, InterruptedException;

  /**
   * The same answer; begun anew with the present engine where a received snapshot has just replaced
   * the one that was asked.
   *
   * @throws EngineClosed where that happened time and again, or the node stops
   */
  default HttpReply answerByPresentEngine(HttpRequest request)
      throws ApiError, InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        return answer(request);
      } catch (EngineClosed e) {
        if (tries == ENGINES_MAX) {
          throw e;
        }
      }
    }
  }

  /** A handler that answers errors too. */
  static HttpHandler handler(ApiFunction function) {
    return request -> {
      try {
        return function.answerByPresentEngine(request);
      } catch (ApiError e) {
        return ApiReply.error(e);
      } catch (QueryException e) {
        return ApiReply.error(ofQuery(e));
      } catch (LimitExceeded e) {
        return ApiReply.error(new ApiError(ApiError.Type.EXECUTION, e.getMessage()));
      } catch (CaptureOverrun | MissingBlock | UnreadableChunks | EngineClosed e) {
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

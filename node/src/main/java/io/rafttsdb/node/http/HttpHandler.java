package io.rafttsdb.node.http;

/** Answers one kind of request. Called on a virtual thread of the request's own; it may block. */
@FunctionalInterface
public interface HttpHandler {

  /**
   * The answer, whatever its status.
   *
   * @throws Exception answered as 500 with the exception's message, and logged
   */
  HttpReply handle(HttpRequest request) throws Exception;
}

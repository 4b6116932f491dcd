package io.rafttsdb.node.http;

/** Hears of each answer, for metrics. Called on any thread; must not block. */
@FunctionalInterface
public interface HttpListener {

  HttpListener NONE = exchange -> {};

  void answered(Exchange exchange);

  /**
   * One request and its answer.
   *
   * @param route the pattern that matched, or {@link Router#NO_ROUTE}
   * @param status of the answer
   * @param nanos from the request's last byte to the answer's last byte handed to the connection; 0
   *     where it was refused before it was read
   * @param requestBytes of the body
   */
  record Exchange(String route, String method, int status, long nanos, long requestBytes) {}
}

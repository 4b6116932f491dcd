package io.rafttsdb.client;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * How a client finds and treats the nodes.
 *
 * @param nodes HTTP address of each node, such as {@code http://127.0.0.1:9090}; at least one
 * @param attemptTimeout how long one node may take for one answer
 * @param backoffMin pause before a node is asked for the second time
 * @param backoffMax longest pause; it doubles from attempt to attempt
 */
public record ClientOptions(
    List<URI> nodes, Duration attemptTimeout, Duration backoffMin, Duration backoffMax) {

  /** Above the time that a node itself waits for a majority, below a client's usual deadline. */
  public static final Duration ATTEMPT_TIMEOUT_DEFAULT = Duration.ofSeconds(15);

  public static final Duration BACKOFF_MIN_DEFAULT = Duration.ofMillis(50);
  public static final Duration BACKOFF_MAX_DEFAULT = Duration.ofSeconds(2);

  public ClientOptions {
    nodes = List.copyOf(nodes);
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("no node address, expected at least one");
    }
    for (URI node : nodes) {
      if (node.getHost() == null || !"http".equals(node.getScheme())) {
        throw new IllegalArgumentException("node address " + node + ", expected http://HOST:PORT");
      }
    }
    if (backoffMin.isNegative() || backoffMin.isZero() || backoffMax.compareTo(backoffMin) < 0) {
      throw new IllegalArgumentException(
          "pauses from " + backoffMin + " to " + backoffMax + ", expected 0 < min <= max");
    }
    if (attemptTimeout.isNegative() || attemptTimeout.isZero()) {
      throw new IllegalArgumentException(
          "attempt timeout of " + attemptTimeout + ", expected a positive one");
    }
  }

  /** The defaults for these nodes. */
  public static ClientOptions of(List<URI> nodes) {
    return new ClientOptions(
        nodes, ATTEMPT_TIMEOUT_DEFAULT, BACKOFF_MIN_DEFAULT, BACKOFF_MAX_DEFAULT);
  }
}

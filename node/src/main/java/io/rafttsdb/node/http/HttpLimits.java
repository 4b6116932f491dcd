package io.rafttsdb.node.http;

import java.time.Duration;

/**
 * What one server holds at most. What is beyond a limit is refused, never queued.
 *
 * @param connections open connections; one more is closed as it comes
 * @param requestsInFlight requests being read or handled; beyond it 503
 * @param bodyBytesInFlight bytes of the bodies of these; beyond it 503
 * @param bodyBytes bytes of one body; beyond it 413
 * @param lineBytes bytes of a request line; beyond it 414
 * @param headerBytes bytes of all headers of a request; beyond it 431
 * @param idle how long a connection may stand still between two requests, in the middle of one that
 *     comes, or with a client that takes no more of an answer
 */
public record HttpLimits(
    int connections,
    int requestsInFlight,
    long bodyBytesInFlight,
    int bodyBytes,
    int lineBytes,
    int headerBytes,
    Duration idle) {

  /** A body of 16 MiB of samples, which is what a write may decode to, compresses to less. */
  public static final HttpLimits DEFAULT =
      new HttpLimits(4096, 1024, 128L << 20, 20 << 20, 64 << 10, 64 << 10, Duration.ofMinutes(2));

  public HttpLimits {
    if (connections < 1 || requestsInFlight < 1 || bodyBytes < 1 || bodyBytesInFlight < bodyBytes) {
      throw new IllegalArgumentException(
          "limits that let no request in: "
              + connections
              + " connections, "
              + requestsInFlight
              + " requests, "
              + bodyBytes
              + " bytes a body, "
              + bodyBytesInFlight
              + " bytes of bodies");
    }
    if (lineBytes < 128 || headerBytes < 128 || idle.toMillis() < 1) {
      throw new IllegalArgumentException(
          "limits too small: "
              + lineBytes
              + " bytes a line, "
              + headerBytes
              + " bytes of headers, idle "
              + idle);
    }
  }
}

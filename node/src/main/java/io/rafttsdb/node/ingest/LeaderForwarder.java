package io.rafttsdb.node.ingest;

import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.query.ReadToken;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sends a write as it came to the leader's HTTP port, on pooled connections, and hands its answer
 * on. For any number of threads; as many requests are under way as the HTTP server lets in.
 */
final class LeaderForwarder implements AutoCloseable {

  /**
   * Says that a node has forwarded the request, and how many milliseconds it has left: a duration,
   * so that clocks need not agree. Such a request is never forwarded again.
   */
  static final String LEFT_HEADER = "X-Raft-Tsdb-Forwarded-Ms-Left";

  /** Of which shard this is the part; left out: the first. */
  static final String SHARD_HEADER = "X-Raft-Tsdb-Shard";

  /** Bytes of an answer that are handed on. */
  private static final int ANSWER_BYTES_MAX = 64 << 10;

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);

  /** Waited for beyond the request's own time, for the leader to say that it is over. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_LIMIT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /** The leader's answer, or 503 where it has none. */
  HttpReply forward(
      String leaderAddress, int shard, Map<String, String> headers, byte[] body, Duration left)
      throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + leaderAddress + WriteEndpoint.PATH))
            .timeout(left.plus(GRACE))
            .header(LEFT_HEADER, Long.toString(left.toMillis()))
            .header(SHARD_HEADER, Integer.toString(shard))
            .POST(BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    try {
      HttpResponse<byte[]> response =
          client.send(
              request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
      return reply(response);
    } catch (ConnectException | HttpConnectTimeoutException e) {
      return WriteEndpoint.unavailable("the leader at " + leaderAddress + " can't be reached");
    } catch (IOException e) {
      return WriteEndpoint.unavailable(
          "the leader at " + leaderAddress + " did not answer, the samples may be stored: " + e);
    }
  }

  private static HttpReply reply(HttpResponse<byte[]> response) {
    String type = response.headers().firstValue("Content-Type").orElse(HttpReply.TEXT);
    HttpReply reply =
        response.statusCode() == 204
            ? HttpReply.noContent()
            : HttpReply.of(response.statusCode(), type, response.body());
    HttpReply handedOn = reply;
    for (String name : List.of(WriteEndpoint.RETRY_AFTER, ReadToken.HEADER)) {
      Optional<String> value = response.headers().firstValue(name);
      if (value.isPresent()) {
        handedOn = handedOn.withHeader(name, value.get());
      }
    }
    return handedOn;
  }

  /** Ends what is under way with an error. */
  @Override
  public void close() {
    client.shutdownNow();
  }
}

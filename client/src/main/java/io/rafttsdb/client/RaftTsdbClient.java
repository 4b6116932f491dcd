package io.rafttsdb.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Writes to and reads from a cluster. It knows several nodes and asks another one where one does
 * not answer or answers 503, with growing pauses, until the deadline of the call. Repeats are safe:
 * the cluster takes a sample that it has as stored.
 *
 * <p>For any number of threads.
 */
public final class RaftTsdbClient implements AutoCloseable {

  /** Response header with the log index of each shard whose state a read saw. */
  private static final String INDEX_HEADER = "X-Raft-Tsdb-Index";

  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String AGENT = "raft-tsdb-client";

  private final NodeCalls calls;

  public RaftTsdbClient(ClientOptions options) {
    this(options, ThreadLocalRandom::current);
  }

  RaftTsdbClient(ClientOptions options, Supplier<RandomGenerator> random) {
    this.calls = new NodeCalls(options, random);
  }

  /**
   * Sends a write until it is answered for good or the deadline has passed.
   *
   * <p>A refusal as out of bounds or too old after an attempt without an answer is reported as
   * unknown: that attempt may have stored the samples, and time went on.
   */
  public WriteOutcome write(RemoteWriteRequest request, Duration deadline)
      throws InterruptedException {
    NodeCalls.Ended ended =
        calls.call(
            node ->
                HttpRequest.newBuilder(node.resolve("/api/v1/write"))
                    .header("Content-Type", RemoteWriteRequest.CONTENT_TYPE)
                    .header("Content-Encoding", RemoteWriteRequest.CONTENT_ENCODING)
                    .header(RemoteWriteRequest.VERSION_HEADER, RemoteWriteRequest.VERSION)
                    .header("User-Agent", AGENT)
                    .POST(BodyPublishers.ofByteArray(request.body())),
            deadline);
    HttpResponse<byte[]> response = ended.response();
    if (response == null) {
      return new WriteOutcome.Unknown(ended.lastError());
    }
    int status = response.statusCode();
    if (status / 100 == 2) {
      return new WriteOutcome.Acknowledged();
    }
    String text = new String(response.body(), UTF_8).strip();
    if (ended.doubt() && mayBeRepeat(text)) {
      return new WriteOutcome.Unknown(
          text + " (after an attempt that failed: " + ended.lastError() + ")");
    }
    return new WriteOutcome.Refused(status, text);
  }

  /**
   * Evaluates a PromQL expression at one time.
   *
   * @throws RequestRefused where the expression or its evaluation is wrong
   * @throws ClusterUnavailable where no node answers in time
   */
  public QueryResult query(String expression, Instant time, ReadOptions options)
      throws IOException, InterruptedException {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("query", expression);
    form.put("time", seconds(time.toEpochMilli()));
    return evaluate("/api/v1/query", form, options);
  }

  /**
   * Evaluates a PromQL expression at each step from start to end, both inclusive.
   *
   * @throws RequestRefused where the expression or its evaluation is wrong
   * @throws ClusterUnavailable where no node answers in time
   */
  public QueryResult queryRange(
      String expression, Instant start, Instant end, Duration step, ReadOptions options)
      throws IOException, InterruptedException {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("query", expression);
    form.put("start", seconds(start.toEpochMilli()));
    form.put("end", seconds(end.toEpochMilli()));
    form.put("step", seconds(step.toMillis()));
    return evaluate("/api/v1/query_range", form, options);
  }

  /**
   * Reads samples as they are stored, stale markers included, bit for bit.
   *
   * @throws RequestRefused where the selection is wrong or too large
   * @throws ClusterUnavailable where no node answers in time
   */
  public RawSamples remoteRead(ReadQuery query, ReadOptions options)
      throws IOException, InterruptedException {
    byte[] body = RemoteWriteRequest.compress(query.toMessage());
    String path = "/api/v1/read?consistency=" + options.consistency().parameter();
    HttpResponse<byte[]> response =
        read(
            node ->
                HttpRequest.newBuilder(node.resolve(path))
                    .header("Content-Type", "application/x-protobuf")
                    .header("Content-Encoding", "snappy")
                    .header("X-Prometheus-Remote-Read-Version", "0.1.0")
                    .header("User-Agent", AGENT)
                    .POST(BodyPublishers.ofByteArray(body)),
            options);
    return new RawSamples(
        RemoteReadResponse.decode(response.body(), NodeCalls.RESPONSE_BYTES_MAX),
        indexes(response));
  }

  /** Ends calls that are under way with an error. */
  @Override
  public void close() {
    calls.close();
  }

  private QueryResult evaluate(String path, Map<String, String> form, ReadOptions options)
      throws IOException, InterruptedException {
    form.put("consistency", options.consistency().parameter());
    String body =
        form.entrySet().stream()
            .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
            .collect(Collectors.joining("&"));
    HttpResponse<byte[]> response =
        read(
            node ->
                HttpRequest.newBuilder(node.resolve(path))
                    .header("Content-Type", FORM)
                    .header("User-Agent", AGENT)
                    .POST(BodyPublishers.ofString(body)),
            options);
    return QueryAnswer.parse(response.body(), indexes(response));
  }

  private HttpResponse<byte[]> read(Function<URI, HttpRequest.Builder> request, ReadOptions options)
      throws IOException, InterruptedException {
    NodeCalls.Ended ended = calls.call(request, options.deadline());
    HttpResponse<byte[]> response = ended.response();
    if (response == null) {
      throw new ClusterUnavailable(
          "no node answered within "
              + options.deadline()
              + "; the last error: "
              + ended.lastError());
    }
    if (response.statusCode() / 100 != 2) {
      throw new RequestRefused(response.statusCode(), NodeCalls.text(response));
    }
    return response;
  }

  /** Whether a refusal may also mean samples that an earlier attempt has stored. */
  private static boolean mayBeRepeat(String text) {
    return text.contains("out of bounds") || text.contains("too old sample");
  }

  private static List<Long> indexes(HttpResponse<?> response) {
    String header = response.headers().firstValue(INDEX_HEADER).orElse("");
    try {
      return header.isEmpty()
          ? List.of()
          : Arrays.stream(header.split(",", -1)).map(Long::valueOf).toList();
    } catch (NumberFormatException e) {
      return List.of(); // told by something else than a node
    }
  }

  private static String seconds(long milliseconds) {
    return BigDecimal.valueOf(milliseconds, 3).toPlainString();
  }
}

package io.rafttsdb.node.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.node.http.HttpLimits;
import io.rafttsdb.node.http.HttpServer;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The read API over HTTP on a storage that a test fills. */
final class ReadServer implements AutoCloseable {

  /** What the server takes for now: a time with whole seconds, divisible by 100. */
  static final long NOW_MS = 1_700_000_000_000L;

  private final Tsdb storage = new Tsdb();
  private final HttpServer server;
  private final HttpClient client = HttpClient.newHttpClient();
  private long index = 1;

  ReadServer() throws IOException {
    this.server =
        start((demand, timeout) ->
            new OpenedRead(Storages.of(storage), demand.consistency(), 1_000, null));
    storage.configure(new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0));
    storage.publish(index);
  }

  ReadServer(ReadGate gate) throws IOException {
    this.server = start(gate);
  }

  private static HttpServer start(ReadGate gate) throws IOException {
    Router.Builder router = Router.builder();
    new QueryEndpoints(gate, () -> Instant.ofEpochMilli(NOW_MS)).register(router);
    return HttpServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        router.build(),
        HttpLimits.DEFAULT,
        exchange -> {});
  }

  /** Stores samples of a series in one entry, a value each 15 seconds up to {@link #NOW_MS}. */
  void store(Labels labels, double... values) {
    SampleBatch.Builder batch = new SampleBatch.Builder().series(labels);
    for (int i = 0; i < values.length; i++) {
      batch.sample(
          NOW_MS - 15_000L * (values.length - 1 - i), Double.doubleToRawLongBits(values[i]));
    }
    store(batch.build());
  }

  void store(SampleBatch batch) {
    storage.append(batch);
    storage.publish(++index);
  }

  /** The last entry stored. */
  long index() {
    return index;
  }

  /** {@code a=b} pairs, each value encoded as a URL or form needs it. */
  static String encoded(String... pairs) {
    return Stream.of(pairs)
        .map(pair -> pair.split("=", 2))
        .map(pair -> encode(pair[0]) + "=" + encode(pair[1]))
        .collect(Collectors.joining("&"));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  /** GET of a path under {@code /api/v1/} with parameters {@code a=b}. */
  HttpResponse<String> get(String path, String... parameters)
      throws IOException, InterruptedException {
    return send(request(path + "?" + encoded(parameters)).GET());
  }

  /** POST of the same as a form. */
  HttpResponse<String> post(String path, String... parameters)
      throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(encoded(parameters))));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString(UTF_8));
  }

  HttpResponse<byte[]> sendForBytes(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://localhost:" + server.address().getPort() + "/api/v1/" + path));
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}

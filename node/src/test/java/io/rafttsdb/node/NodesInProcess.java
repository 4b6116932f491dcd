package io.rafttsdb.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.client.ClientOptions;
import io.rafttsdb.client.RaftTsdbClient;
import io.rafttsdb.client.RemoteWriteRequest;
import io.rafttsdb.client.TimeSeries;
import io.rafttsdb.client.WriteOutcome;
import io.rafttsdb.node.cluster.FreePorts;
import io.rafttsdb.node.config.ConfigReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Nodes of one cluster in this process, each with a clock that the test sets. */
public final class NodesInProcess implements AutoCloseable {

  public static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path directory;
  private final int size;
  private final String more;
  private final List<Integer> ports;
  private final @Nullable Node[] nodes;
  private final List<AtomicLong> clockSetByMs = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

  /** Nodes that have not begun; {@code more} stands in each one's configuration. */
  public NodesInProcess(Path directory, int size, String more) throws Exception {
    this.directory = directory;
    this.size = size;
    this.more = more;
    this.ports = FreePorts.take(2 * size);
    this.nodes = new Node[size];
    for (int i = 0; i < size; i++) {
      clockSetByMs.add(new AtomicLong());
    }
  }

  public void startAll() throws Exception {
    for (int i = 0; i < size; i++) {
      start(i);
    }
    await().atMost(LIMIT).until(() -> leader() >= 0);
  }

  public void start(int node) throws Exception {
    List<String> members = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      members.add(member(i));
    }
    start(node, dataOf(node), "members = [" + String.join(", ", members) + "]");
  }

  private String member(int node) {
    return "{ name = n%d, http = \"127.0.0.1:%d\", raft = \"127.0.0.1:%d\" }"
        .formatted(node, ports.get(2 * node), ports.get(2 * node + 1));
  }

  /** Starts a node on a data directory and with what is said of members. */
  public void start(int node, Path data, String members) throws Exception {
    AtomicLong setBy = clockSetByMs.get(node);
    nodes[node] =
        Node.start(
            ConfigReader.read(configuration(node, data, members), Map.of()),
            () -> Instant.ofEpochMilli(System.currentTimeMillis() + setBy.get()),
            new Random(),
            (reason, cause) -> failures.add(reason));
  }

  /** A node's configuration file. */
  public Path configuration(int node, Path data, String members) throws Exception {
    return Files.writeString(
        directory.resolve("n" + node + ".conf"),
        """
        raft-tsdb {
          name = n%d
          http-address = "127.0.0.1:%d"
          raft-address = "127.0.0.1:%d"
          %s
          storage.path = "%s"
          self-monitoring.enabled = false
          %s
        }
        """
            .formatted(node, ports.get(2 * node), ports.get(2 * node + 1), members, data, more));
  }

  /** Says that a node is the only one. */
  public String alone(int node) {
    return "members = [" + member(node) + "]";
  }

  public Path dataOf(int node) {
    return directory.resolve("data" + node);
  }

  public String httpOf(int node) {
    return "127.0.0.1:" + ports.get(2 * node);
  }

  public String raftOf(int node) {
    return "127.0.0.1:" + ports.get(2 * node + 1);
  }

  public void stop(int node) {
    Node running = nodes[node];
    if (running != null) {
      running.close();
      nodes[node] = null;
    }
  }

  public void setClock(int node, Duration ahead) {
    clockSetByMs.get(node).set(ahead.toMillis());
  }

  public HttpResponse<String> get(int node, String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(node, path)).timeout(LIMIT);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  public HttpResponse<String> post(int node, String path, byte[] body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(uri(node, path))
            .timeout(LIMIT)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        BodyHandlers.ofString());
  }

  public URI uri(int node, String path) {
    return URI.create("http://" + httpOf(node) + path);
  }

  /** The place of the node that leads and is ready, or -1. */
  public int leader() throws Exception {
    for (int i = 0; i < size; i++) {
      if (nodes[i] != null) {
        String status = get(i, "/api/v1/cluster/status").body();
        if (status.contains("\"role\" : \"leader\"") && status.contains("\"ready\" : true")) {
          return i;
        }
      }
    }
    return -1;
  }

  /** One sample through a node's HTTP port. */
  public WriteOutcome write(int node, String name, long timeMs, double value, Duration limit)
      throws Exception {
    try (RaftTsdbClient client = new RaftTsdbClient(ClientOptions.of(List.of(uri(node, ""))))) {
      return client.write(
          RemoteWriteRequest.of(List.of(TimeSeries.of(Map.of("__name__", name), timeMs, value))),
          limit);
    }
  }

  @Override
  public void close() {
    for (int i = 0; i < size; i++) {
      stop(i);
    }
    http.close();
    assertThat(failures).isEmpty();
  }
}

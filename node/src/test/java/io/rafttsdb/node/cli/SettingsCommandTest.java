package io.rafttsdb.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.node.Node;
import io.rafttsdb.node.cluster.FreePorts;
import io.rafttsdb.node.config.ConfigReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code raft-tsdb settings} and its endpoint on two nodes of this process: one of them follows.
 */
final class SettingsCommandTest {

  private static final Duration START_MAX = Duration.ofSeconds(30);

  @TempDir Path directory;
  private final List<Node> nodes = new ArrayList<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private List<Integer> ports = List.of();

  @BeforeEach
  void start() throws Exception {
    ports = FreePorts.take(4);
    for (int i = 0; i < 2; i++) {
      String conf =
          """
          raft-tsdb {
            name = node%d
            http-address = "127.0.0.1:%d"
            raft-address = "127.0.0.1:%d"
            storage.path = "%s"
            storage.retention-size = 3GB
            self-monitoring.enabled = false
            members = [
              { name = node0, http = "127.0.0.1:%d", raft = "127.0.0.1:%d" }
              { name = node1, http = "127.0.0.1:%d", raft = "127.0.0.1:%d" }
            ]
          }
          """
              .formatted(
                  i,
                  ports.get(2 * i),
                  ports.get(2 * i + 1),
                  directory.resolve("node" + i),
                  ports.get(0),
                  ports.get(1),
                  ports.get(2),
                  ports.get(3));
      Path file = Files.writeString(directory.resolve(i + ".conf"), conf);
      nodes.add(
          Node.start(
              ConfigReader.read(file, Map.of()),
              InstantSource.system(),
              new Random(i),
              (reason, cause) -> failures.add(reason)));
    }
    await().atMost(START_MAX).until(() -> asked(0).exitCode() + asked(1).exitCode() == 0);
    await().atMost(START_MAX).until(() -> status(0).contains("\"ready\" : true"));
    await().atMost(START_MAX).until(() -> status(1).contains("\"ready\" : true"));
  }

  @AfterEach
  void close() {
    nodes.forEach(Node::close);
    assertThat(failures).isEmpty();
  }

  private String url(int node) {
    return "http://127.0.0.1:" + ports.get(2 * node);
  }

  private Program.Run asked(int node, String... words) {
    List<String> all = new ArrayList<>(List.of("settings", "--url", url(node)));
    all.addAll(List.of(words));
    return Program.run(all.toArray(String[]::new));
  }

  private String status(int node) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(url(node) + "/api/v1/cluster/status"))).body();
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), BodyHandlers.ofString(UTF_8));
    }
  }

  private HttpResponse<String> post(int node, String form) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(url(node) + "/api/v1/cluster/settings"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form)));
  }

  @Test
  void theyAreShownAndChangedByAnyNode() throws Exception {
    assertThat(asked(1).out().lines())
        .containsExactly(
            "block_range          2h",
            "out_of_order_window  0s",
            "retention_time       none",
            "retention_size       3GB",
            "block_range_factor   2");
    for (int node = 0; node < 2; node++) {
      Program.Run changed =
          asked(node, "retention_time=" + (30 + node) + "d", "out_of_order_window=30m");
      assertThat(changed.out())
          .contains("retention_time       " + (30 + node) + "d")
          .contains("out_of_order_window  30m")
          .contains("retention_size       3GB");
      assertThat(changed.exitCode()).isZero();
    }
    for (int node = 0; node < 2; node++) {
      int asked = node;
      await().atMost(START_MAX).until(() -> asked(asked).out().contains("31d"));
    }
    assertThat(asked(0, "--json").out()).containsPattern("\"appliedIndex\" : \\d+");

    HttpResponse<String> form = post(1, "retention_size=10GB&retention_time=none");
    assertThat(form.statusCode()).isEqualTo(200);
    assertThat(form.body())
        .contains("\"retention_size\" : \"10GB\"")
        .contains("\"retention_time\" : \"none\"")
        .contains("\"out_of_order_window\" : \"30m\"");
  }

  @Test
  void whatCannotBeIsRefusedWithWhatWasExpected() throws Exception {
    assertThat(post(0, "retention=1d").body())
        .contains("expected some of [out_of_order_window, retention_time")
        .contains("got [retention]");
    assertThat(post(0, "retention=1d").statusCode()).isEqualTo(400);
    assertThat(post(0, "retention_time=soon").body()).contains("retention_time: \"soon\"");
    assertThat(post(1, "retention_time=0s").statusCode()).isEqualTo(400);
    Program.Run fixed = asked(1, "block_range=1h");
    assertThat(fixed.out()).contains("not done: ").contains("block_range is fixed");
    assertThat(fixed.exitCode()).isEqualTo(ExitCode.NOT_DONE);
  }

  @Test
  void theVersionIsRaisedOnceBothKnowIt() {
    await().atMost(START_MAX).until(() -> status(0).contains("\"clusterVersion\" : 1"));
    await().atMost(START_MAX).until(() -> status(1).contains("\"clusterVersion\" : 1"));
  }
}

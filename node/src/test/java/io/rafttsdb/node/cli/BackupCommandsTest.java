package io.rafttsdb.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.node.Node;
import io.rafttsdb.node.cluster.FreePorts;
import io.rafttsdb.node.config.ConfigReader;
import java.io.IOException;
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
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node of its own, in this process; what it answers where nothing is done, and an empty backup.
 */
final class BackupCommandsTest {

  private static final Duration START_MAX = Duration.ofSeconds(30);

  @TempDir Path directory;

  private Node start(boolean isOpen) throws Exception {
    List<Integer> ports = FreePorts.take(2);
    String conf =
        """
        raft-tsdb {
          http-address = "127.0.0.1:%d"
          raft-address = "127.0.0.1:%d"
          storage.path = "%s"
          storage.free-bytes-margin = 1MiB
          self-monitoring.enabled = false
          admin-api = %s
        }
        """
            .formatted(ports.get(0), ports.get(1), directory.resolve("data"), isOpen);
    Path file = Files.writeString(directory.resolve("node.conf"), conf);
    Node node =
        Node.start(
            ConfigReader.read(file, Map.of()),
            InstantSource.system(),
            new Random(1),
            (reason, cause) -> {
              throw new AssertionError(reason, cause);
            });
    Awaitility.await("ready")
        .atMost(START_MAX)
        .until(() -> get(node, "/-/ready").statusCode() == 200);
    return node;
  }

  private static HttpResponse<String> get(Node node, String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(node, path)).build());
  }

  private static HttpResponse<String> post(Node node, String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(node, path)).POST(BodyPublishers.noBody()).build());
  }

  private static URI uri(Node node, String path) {
    return URI.create("http://127.0.0.1:" + node.httpAddress().getPort() + path);
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, BodyHandlers.ofString());
    }
  }

  @Test
  void withoutTheAdminApiNothingIsDone() throws Exception {
    try (Node node = start(false)) {
      for (String path : List.of("snapshot", "import?dir=/tmp", "restore?dir=/tmp")) {
        HttpResponse<String> answer = post(node, "/api/v1/admin/tsdb/" + path);
        assertThat(answer.statusCode()).as(path).isEqualTo(503);
        assertThat(answer.body()).contains("--web.enable-admin-api");
      }
      for (String path : List.of("restore?up_to=2&newest=1", "blocks/enter", "blocks/stage")) {
        HttpResponse<String> answer = post(node, "/api/v1/cluster/" + path);
        assertThat(answer.statusCode()).as(path).isEqualTo(409);
        assertThat(answer.body()).contains("--web.enable-admin-api");
      }
    }
  }

  @Test
  void anEmptyNodeMakesAnEmptyBackupAndRefusesWhatIsNone() throws Exception {
    try (Node node = start(true)) {
      Program.Run made = Program.run("snapshot", "--url", uri(node, "/").toString());
      assertThat(made.exitCode()).as(made.out()).isZero();
      Path backup = directory.resolve("data").resolve("backups").resolve(made.out().strip());
      assertThat(backup.resolve("raft-tsdb.json")).content().contains("\"blocks\" : [ ]");
      HttpResponse<String> answer = post(node, "/api/v1/admin/tsdb/restore?dir=" + backup);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);

      answer = post(node, "/api/v1/admin/tsdb/snapshot?skip_head=perhaps");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
      answer = post(node, "/api/v1/admin/tsdb/import?dir=data");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
      answer = post(node, "/api/v1/admin/tsdb/import?dir=" + directory);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
      assertThat(answer.body()).contains("has no blocks on this node");
      answer = post(node, "/api/v1/admin/tsdb/restore?dir=" + directory);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
      Files.writeString(backup.resolve("raft-tsdb.json"), "{}");
      answer = post(node, "/api/v1/admin/tsdb/restore?dir=" + backup);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
      assertThat(answer.body()).contains("without its checksum");
      Program.Run refused =
          Program.run("restore", "--from", backup.toString(), "--url", uri(node, "/").toString());
      assertThat(refused.exitCode()).isEqualTo(5);
      assertThat(refused.out()).contains("without its checksum");

      answer = post(node, "/api/v1/cluster/blocks/enter?ulid=x");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
      answer = post(node, "/api/v1/cluster/freeze");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    }
  }
}

package io.rafttsdb.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.client.ClientOptions;
import io.rafttsdb.client.QueryResult;
import io.rafttsdb.client.RaftTsdbClient;
import io.rafttsdb.client.ReadOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The launcher as a user types it. */
class CommandLineTest {

  private static final Duration START_MAX = Duration.ofMinutes(3); // it may have to build first
  private static final int BAD_USAGE = 2;

  @RegisterExtension final Workshop workshop = new Workshop();

  @Test
  void demoAnswersAQueryWithLiveDataAndEndsOnCtrlC() throws Exception {
    int port = workshop.ports().nextWith(1, 2, 1000, 1001, 1002);
    Path data = workshop.directory().resolve("data");
    ServerProcess demo =
        workshop.process(
            "demo",
            List.of(launcher(), "demo", "--nodes", "3", "--port", "" + port, "--data", "" + data));
    demo.start();
    demo.awaitOutput("remote_write", START_MAX);
    URI third = URI.create("http://127.0.0.1:" + (port + 2));
    try (RaftTsdbClient client = new RaftTsdbClient(ClientOptions.of(List.of(third)))) {
      demo.await(
          "live data of each node",
          START_MAX,
          () ->
              client.query("up", InstantSource.system().instant(), ReadOptions.DEFAULT).value()
                      instanceof QueryResult.Vector vector
                  && vector.series().size() >= 3);
    }
    assertThat(data.resolve("node2").resolve("node.conf")).exists();
    List<ProcessHandle> nodes = ProcessHandle.of(demo.pid()).orElseThrow().descendants().toList();
    assertThat(nodes).hasSizeGreaterThanOrEqualTo(3);

    demo.signal("INT");
    assertThat(demo.awaitExit()).as("exit code of %s", demo.describe()).isZero();
    Awaitility.await("all processes have ended")
        .atMost(Duration.ofSeconds(20))
        .until(() -> nodes.stream().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void aFlagWithAWrongValueIsRefused() {
    ServerProcess server =
        workshop.process(
            "server", List.of(launcher(), "server", "--storage.tsdb.retention.time", "15days"));
    server.start();
    assertThat(server.awaitExit()).as("exit code of %s", server.describe()).isEqualTo(BAD_USAGE);
    assertThat(server.output()).contains("--storage.tsdb.retention.time");
  }

  /** The launcher at the top of the repository, above the directory of this module. */
  private static String launcher() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isExecutable(at.resolve("raft-tsdb")) && Files.exists(at.resolve("pom.xml"))) {
        return at.resolve("raft-tsdb").toString();
      }
    }
    throw new AssertionError("no launcher raft-tsdb above " + Path.of("").toAbsolutePath());
  }
}

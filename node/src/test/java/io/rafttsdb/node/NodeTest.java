package io.rafttsdb.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.node.cluster.FreePorts;
import io.rafttsdb.node.config.ConfigReader;
import io.rafttsdb.node.config.NodeConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
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

final class NodeTest {

  private static final Duration START_MAX = Duration.ofSeconds(30);

  @TempDir Path directory;

  /** As behind a name that is another number on the machine itself, or in a container. */
  @Test
  void raftListensWhereItIsToldAndNotWhereOthersReachIt() throws Exception {
    List<Integer> ports = FreePorts.take(2);
    int raft = ports.get(1);
    String conf =
        """
        raft-tsdb {
          http-address = "127.0.0.1:%d"
          raft-address = "127.0.0.1:%d"
          members = [{ name = node1, http = "127.0.0.2:%d", raft = "127.0.0.2:%d" }]
          storage.path = "%s"
        }
        """
            .formatted(ports.get(0), raft, ports.get(0), raft, directory.resolve("data"));
    Path file = Files.writeString(directory.resolve("node.conf"), conf);
    NodeConfig config = ConfigReader.read(file, Map.of());

    try (Node node =
        Node.start(
            config,
            InstantSource.system(),
            new Random(1),
            (reason, cause) -> {
              throw new AssertionError(reason, cause);
            })) {
      Awaitility.await("Raft listens")
          .atMost(START_MAX)
          .ignoreException(ConnectException.class)
          .until(() -> connects("127.0.0.1", raft));
      assertThat(node.httpAddress().getPort()).isEqualTo(ports.get(0));
      assertThatThrownBy(() -> connects("127.0.0.2", raft)).isInstanceOf(IOException.class);
    }
  }

  private static boolean connects(String host, int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.ofLiteral(host), port)) {
      return socket.isConnected();
    }
  }
}

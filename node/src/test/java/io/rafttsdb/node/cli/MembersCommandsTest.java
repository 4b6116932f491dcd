package io.rafttsdb.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.node.Node;
import io.rafttsdb.node.cluster.FreePorts;
import io.rafttsdb.node.config.ConfigReader;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that change the members, against nodes of this process: one grows to two. */
final class MembersCommandsTest {

  private static final Duration START_MAX = Duration.ofSeconds(30);

  @TempDir Path directory;
  private final List<Node> nodes = new ArrayList<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    nodes.forEach(Node::close);
    assertThat(failures).isEmpty();
  }

  private record Ports(int http, int raft) {
    static Ports take() throws Exception {
      List<Integer> ports = FreePorts.take(2);
      return new Ports(ports.get(0), ports.get(1));
    }

    String url() {
      return "http://127.0.0.1:" + http;
    }
  }

  private Node start(String name, Ports ports, boolean join) throws Exception {
    String conf =
        """
        raft-tsdb {
          name = %s
          http-address = "127.0.0.1:%d"
          raft-address = "127.0.0.1:%d"
          storage.path = "%s"
          self-monitoring.enabled = false
          join = %s
        }
        """
            .formatted(name, ports.http, ports.raft, directory.resolve(name), join);
    Path file = Files.writeString(directory.resolve(name + ".conf"), conf);
    Node node =
        Node.start(
            ConfigReader.read(file, Map.of()),
            InstantSource.system(),
            new Random(nodes.size()),
            (reason, cause) -> failures.add(reason));
    nodes.add(node);
    return node;
  }

  private static Program.Run asked(Ports ports, String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--url", ports.url()));
    return Program.run(all.toArray(String[]::new));
  }

  private static void done(Program.Run run, String text) {
    assertThat(run.out()).contains(text);
    assertThat(run.exitCode()).isZero();
  }

  private static void notDone(Program.Run run, String text) {
    assertThat(run.out()).contains("not done: ").contains(text);
    assertThat(run.exitCode()).isEqualTo(ExitCode.NOT_DONE);
  }

  @Test
  void oneGrowsToTwoAndShrinksAgain() throws Exception {
    Ports first = Ports.take();
    Ports second = Ports.take();
    start("node1", first, false);
    start("node2", second, true);
    await().atMost(START_MAX).until(() -> asked(first, "members").out().contains("leads"));
    notDone(asked(second, "members"), "waiting to be added to a cluster");
    notDone(asked(first, "remove-node", "node1"), "node1 is the last voter");
    notDone(asked(first, "remove-node", "node2"), "no member node2");
    notDone(asked(first, "replace-node", "node2"), "no member node2");
    notDone(asked(first, "move-leader"), "there is no other voter");

    String http = "127.0.0.1:" + second.http;
    String raft = "127.0.0.1:" + second.raft;
    notDone(
        asked(first, "add-node", "node3", "--http", http, "--raft", raft), "it is called node2");
    String[] add = {"add-node", "node2", "--http", http, "--raft", raft};
    done(asked(first, add), "node2 is a voter now");
    done(asked(second, add), "node2 is a voter");
    done(asked(second, "replace-node", "node2"), "node2 is a voter");
    assertThat(asked(second, "members").out().lines())
        .anyMatch(line -> line.matches("node1 +voter +leads .*"))
        .anyMatch(line -> line.matches("node2 +voter +" + http + " +" + raft + " .*"));
    assertThat(asked(second, "members", "--json").out()).contains("\"settled\" : true");

    done(asked(first, "move-leader", "node2"), "node2 leads now");
    done(asked(first, "move-leader", "node2"), "node2 leads");
    notDone(asked(first, "move-leader", "node7"), "no voter node7");
    done(asked(second, "remove-node", "node2"), "node2 is no member any more");
    await()
        .atMost(START_MAX)
        .until(() -> asked(second, "members").out().contains("was removed from the cluster"));
    assertThat(asked(first, "members").out())
        .containsPattern("node1 +voter +leads")
        .doesNotContain("node2");
    notDone(asked(first, add), "it was removed from the cluster");
  }

  @Test
  void aNodeThatIsNotThereIsSaidSo() throws Exception {
    Ports nobody = Ports.take();
    notDone(asked(nobody, "members"), "can't be reached");
    notDone(asked(nobody, "move-leader"), "can't be reached");
  }
}

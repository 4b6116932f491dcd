package io.rafttsdb.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafttsdb.node.cluster.FreePorts;
import io.rafttsdb.node.config.ConfigReader;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes over HTTP, one of which has a sample that the log does not have: it is found, gets
 * the others' state, and starts anew by itself. Takes a minute, with {@code
 * -Drafttsdb.longer=true}; StateCheckTest shows what the replicas do.
 */
final class StateReplacedTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String SKIPPED =
      "skipped: belongs to the longer suite, -Drafttsdb.longer=true";

  @TempDir Path directory;
  private final List<Node> nodes = new ArrayList<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    nodes.forEach(Node::close);
    assertThat(failures).isEmpty();
  }

  @Test
  void aNodeWithAnotherStateStartsAnewWithTheMajoritys() throws Exception {
    boolean isWanted = Boolean.getBoolean("rafttsdb.longer");
    if (!isWanted) {
      System.out.println(SKIPPED);
    }
    assumeTrue(isWanted, SKIPPED);
    start();
    Awaitility.await("ready")
        .atMost(PATIENCE)
        .until(() -> nodes.stream().allMatch(node -> status(node, r -> r.status().ready())));
    Node wrong =
        nodes.stream().filter(node -> status(node, r -> !r.isLeader())).findFirst().orElseThrow();
    Tsdb tsdb = wrong.replica().orElseThrow().storage();
    SampleBatch beside =
        new SampleBatch.Builder().series(Labels.of("__name__", "only_here")).sample(1, 1).build();
    assertThat(tsdb.append(beside)).isNotNull(); // self-monitoring's next entry publishes it
    Awaitility.await("found").atMost(PATIENCE).until(() -> status(wrong, ShardReplica::isDiverged));
    Awaitility.await("another replica, in the state of the others")
        .atMost(PATIENCE)
        .until(() ->
            status(wrong, r -> r.storage() != tsdb && r.status().ready() && r.agreedIndex() > 0));
    assertThat(wrong.replica().orElseThrow().storage().refOf(Labels.of("__name__", "only_here")))
        .isEqualTo(SampleBatch.NO_REF);
  }

  private interface Question {
    boolean ask(ShardReplica replica);
  }

  private static boolean status(Node node, Question question) {
    Optional<ShardReplica> replica = node.replica();
    return replica.isPresent() && question.ask(replica.get());
  }

  private void start() throws Exception {
    List<Integer> ports = FreePorts.take(6);
    StringBuilder members = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      members.append(
          "{ name = n%d, http = \"127.0.0.1:%d\", raft = \"127.0.0.1:%d\" }\n"
              .formatted(i, ports.get(2 * i), ports.get(2 * i + 1)));
    }
    for (int i = 0; i < 3; i++) {
      String conf =
          """
          raft-tsdb {
            name = n%d
            http-address = "127.0.0.1:%d"
            raft-address = "127.0.0.1:%d"
            members = [
          %s]
            storage.path = "%s"
            storage.snapshot-log-bytes = 64KiB
            storage.free-bytes-margin = 1MiB
            self-monitoring.interval = 1s
          }
          """
              .formatted(
                  i,
                  ports.get(2 * i),
                  ports.get(2 * i + 1),
                  members,
                  directory.resolve("data" + i));
      Path file = Files.writeString(directory.resolve("n" + i + ".conf"), conf);
      nodes.add(
          Node.start(
              ConfigReader.read(file, Map.of()),
              InstantSource.system(),
              new Random(i),
              (reason, cause) -> failures.add(reason + ": " + cause)));
    }
  }
}

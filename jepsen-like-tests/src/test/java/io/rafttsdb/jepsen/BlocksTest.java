package io.rafttsdb.jepsen;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.rafttsdb.client.Consistency;
import io.rafttsdb.client.WriteOutcome;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Nodes with block ranges of two seconds cut, build, merge, seal what came late and delete while
 * writers write and leaders are killed. At the end every node has the same blocks, byte for byte,
 * and every acknowledged sample; promtool lists what is in their directories.
 */
class BlocksTest {

  private static final long SEED = 31_337;
  private static final int LEADER_KILLS = 3;
  private static final int STEP = 60;
  private static final Duration SETTLED_MAX = Duration.ofSeconds(90);
  private static final Duration QUIET = Duration.ofSeconds(3);

  @RegisterExtension final Workshop workshop = new Workshop();

  @Test
  void allNodesHaveTheSameBlocksAfterLeadersWereKilled() throws Exception {
    Cluster cluster =
        workshop
            .cluster(
                3,
                "storage.min-block-duration = 2s",
                "storage.out-of-order-window = 20s",
                "storage.snapshot-log-bytes = 128KiB",
                "admin-api = true")
            .start();
    System.out.println("seed of the load: " + SEED);
    WriteLoad load = workshop.use(WriteLoad.start(cluster, 3, 20, SEED));
    for (int round = 0; round < LEADER_KILLS; round++) {
      load.awaitAcknowledged(STEP);
      NodeProcess leader = cluster.awaitLeader();
      leader.kill();
      load.awaitAcknowledged(STEP);
      leader.start();
      leader.awaitReady();
    }
    awaitMerged(cluster.awaitLeader());
    load.awaitAcknowledged(STEP);
    Ledger ledger = load.stop();
    assertThat(ledger.count(WriteOutcome.Refused.class)).isZero();

    String blocks = awaitSettled(cluster);
    Stored.assertHolds(cluster.nodes(), ledger);
    assertEqualFiles(cluster, blocks);
    listByPromtool(cluster.node(1), blocks);

    deleteAndClean(cluster, cluster.others(cluster.awaitLeader()).getFirst());
  }

  private static void awaitMerged(NodeProcess node) {
    Awaitility.await("a merged block")
        .atMost(SETTLED_MAX)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> parts(blocks(node)).stream().anyMatch(part -> part.getInt("level") >= 3));
  }

  /**
   * Until nothing is to be built and all nodes say the same of the blocks, and that they have them;
   * for longer than the leader pauses before it orders the next.
   */
  private static String awaitSettled(Cluster cluster) {
    Awaitility.await("all nodes have the same blocks")
        .atMost(SETTLED_MAX)
        .pollInterval(Duration.ofMillis(250))
        .during(QUIET)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> {
          String first = blocks(cluster.node(1));
          boolean isDone =
              parts(first).stream().allMatch(p -> p.getBoolean("here") && p.hasPath("checksum"))
                  && !parts(first).isEmpty()
                  && parse(first).getList("compactions").isEmpty();
          for (NodeProcess node : cluster.nodes()) {
            isDone &= blocks(node).equals(first);
          }
          return isDone;
        });
    try {
      return blocks(cluster.node(1));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String blocks(NodeProcess node) throws IOException {
    HttpResponse<String> answer = node.get("/api/v1/cluster/blocks");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private static Config parse(String json) {
    return ConfigFactory.parseString(
        json, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
  }

  private static List<? extends Config> parts(String json) {
    return parse(json).getConfigList("blocks");
  }

  private static List<String> names(String json) {
    return parts(json).stream().map(part -> part.getString("ulid")).toList();
  }

  private static Path directory(NodeProcess node) {
    return node.data().resolve("shard-0").resolve("blocks");
  }

  private static void assertEqualFiles(Cluster cluster, String blocks) throws IOException {
    Map<String, byte[]> expected = files(directory(cluster.node(1)), blocks);
    System.out.println(names(blocks).size() + " blocks of " + expected.size() + " files compared");
    for (NodeProcess node : cluster.others(cluster.node(1))) {
      Map<String, byte[]> files = files(directory(node), blocks);
      assertThat(files.keySet()).isEqualTo(expected.keySet());
      expected.forEach((name, bytes) ->
          assertThat(files.get(name)).as(node.name() + " " + name).isEqualTo(bytes));
    }
  }

  /** Index, chunks and meta.json of all blocks; nothing was deleted, so all of it is canonical. */
  private static Map<String, byte[]> files(Path directory, String blocks) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (String name : names(blocks)) {
      try (Stream<Path> tree = Files.walk(directory.resolve(name))) {
        for (Path file : tree.filter(Files::isRegularFile).toList()) {
          files.put(directory.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  private static void listByPromtool(NodeProcess node, String blocks) throws Exception {
    Optional<Path> promtool =
        Prometheus.program()
            .map(program -> program.resolveSibling("promtool"))
            .filter(Files::isExecutable);
    if (promtool.isEmpty()) {
      System.out.println("no promtool on the PATH or in PROMETHEUS_HOME: blocks not listed by it");
      return;
    }
    Process list =
        new ProcessBuilder(promtool.get().toString(), "tsdb", "list", directory(node).toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(list.getInputStream().readAllBytes(), UTF_8);
    assertThat(list.waitFor()).as(output).isZero();
    assertThat(output).contains(names(blocks));
  }

  /** A delete by any node is seen by all at once; afterwards no block holds what it deleted. */
  private static void deleteAndClean(Cluster cluster, NodeProcess follower) throws Exception {
    String deleted = "writer=\"0\"";
    assertThat(
            admin(follower, "delete_series?match[]=" + encoded("{" + deleted + "}")).statusCode())
        .isEqualTo(204);
    for (NodeProcess node : cluster.nodes()) {
      var left = Stored.read(node, ".+", Consistency.LINEARIZABLE).series();
      assertThat(left).isNotEmpty();
      assertThat(left).noneMatch(series -> "0".equals(series.labels().get("writer")));
    }
    assertThat(admin(follower, "clean_tombstones").statusCode()).isEqualTo(204);
    for (Config part : parts(blocks(cluster.awaitLeader()))) {
      assertThat(part.getInt("deletes")).isZero();
    }
    awaitSettled(cluster);
  }

  private static HttpResponse<String> admin(NodeProcess node, String what) throws IOException {
    return node.post("/api/v1/admin/tsdb/" + what);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}

package io.rafttsdb.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.client.WriteOutcome;
import io.rafttsdb.node.NodesInProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Three nodes in this process of which two are lost with their disks, and what is left. */
final class RecoverCommandTest {

  private static final int SAMPLES = 80;
  private static final String SHORT_BLOCKS = "storage.min-block-duration = 10s";

  @TempDir Path directory;

  private record Ended(int code, String out, String err) {}

  private static Ended run(String... arguments) {
    CommandLine program = RaftTsdb.commandLine();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    program.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return new Ended(program.execute(arguments), out.toString(), err.toString());
  }

  @Test
  void aSurvivorMakesANewClusterThatGrows() throws Exception {
    try (NodesInProcess nodes = new NodesInProcess(directory, 3, SHORT_BLOCKS)) {
      nodes.startAll();
      long lastMs = write(nodes);
      Path survivor = nodes.dataOf(2);
      Path recovered = directory.resolve("recovered");
      Path conf = nodes.configuration(2, recovered, nodes.alone(2));
      assertThat(run("recover", "--from", survivor.toString(), "--config", conf.toString()))
          .satisfies(ended -> {
            assertThat(ended.code).isEqualTo(3);
            assertThat(ended.err).contains("in use by another process");
          });
      for (int i = 0; i < 3; i++) {
        nodes.stop(i);
      }
      delete(nodes.dataOf(0));
      delete(nodes.dataOf(1));
      Map<String, FileTime> before = files(survivor);

      Ended ended = run("recover", "--from", survivor.toString(), "--config", conf.toString());
      assertThat(ended.code).as(ended.err).isZero();
      assertThat(ended.out)
          .contains("newest sample         " + java.time.Instant.ofEpochMilli(lastMs))
          .containsPattern("entries beyond that   \\d+ \\(taken over\\)")
          .contains("Next: start it")
          .doesNotContain("Missing of what this member");
      assertThat(files(survivor)).isEqualTo(before);
      assertThat(run("recover", "--from", survivor.toString(), "--config", conf.toString()))
          .satisfies(again -> {
            assertThat(again.code).isEqualTo(3);
            assertThat(again.err).contains("belongs to a node already");
          });

      nodes.start(2, recovered, nodes.alone(2));
      await().atMost(NodesInProcess.LIMIT).until(() -> nodes.leader() == 2);
      awaitCount(nodes, 2, SAMPLES);
      assertThat(nodes.write(2, "w", lastMs + 1, 1, NodesInProcess.LIMIT))
          .isEqualTo(new WriteOutcome.Acknowledged());

      nodes.start(0, nodes.dataOf(0), "join = true");
      String added =
          run(
                  "add-node",
                  "n0",
                  "--http",
                  nodes.httpOf(0),
                  "--raft",
                  nodes.raftOf(0),
                  "--url",
                  nodes.uri(2, "").toString())
              .out;
      awaitCount(nodes, 0, SAMPLES + 1);
      assertThat(added).contains("n0");
    }
  }

  @Test
  void aMissingBlockIsGoneWithoutOnlyWhereThatIsAccepted() throws Exception {
    try (NodesInProcess nodes = new NodesInProcess(directory, 1, SHORT_BLOCKS)) {
      nodes.startAll();
      long _ = write(nodes);
      stopWithBlocksAlone(nodes);
      Path survivor = nodes.dataOf(0);
      for (Path block : blocks(survivor)) {
        try (Stream<Path> all = Files.walk(survivor)) {
          for (Path each : all.filter(path -> path.endsWith(block.getFileName())).toList()) {
            delete(each);
          }
        }
      }
      Path recovered = directory.resolve("recovered");
      String conf = nodes.configuration(0, recovered, nodes.alone(0)).toString();

      Ended refused = run("recover", "--from", survivor.toString(), "--config", conf);
      if (refused.code == 0) { // where the log still has what the blocks held, nothing may be lost
        System.out.println("no block was needed: the log gave all samples back");
        nodes.start(0, recovered, nodes.alone(0));
        awaitCount(nodes, 0, SAMPLES);
        return;
      }
      assertThat(refused.code).as(refused.err).isEqualTo(3);
      assertThat(refused.err).containsPattern("block [0-9A-Z]{26} with the samples from");
      assertThat(recovered.resolve("shard-0")).doesNotExist();

      Ended accepted =
          run("recover", "--from", survivor.toString(), "--config", conf, "--accept-loss");
      assertThat(accepted.code).as(accepted.err).isZero();
      assertThat(accepted.out).contains("Missing of what this member", " with the samples from");
      nodes.start(0, recovered, nodes.alone(0));
      await().atMost(NodesInProcess.LIMIT).until(() -> nodes.leader() == 0);
      String answer = nodes.get(0, "/api/v1/query?query=count_over_time(w[1h])").body();
      assertThat(answer).contains("success").doesNotContain("\"" + SAMPLES + "\"");
      assertThat(nodes.write(0, "w", System.currentTimeMillis(), 1, NodesInProcess.LIMIT))
          .isEqualTo(new WriteOutcome.Acknowledged());
    }
  }

  @Test
  void everyShardIsRepairedAndRecovered() throws Exception {
    int series = 30;
    try (NodesInProcess nodes = new NodesInProcess(directory, 1, "shards = 3")) {
      nodes.startAll();
      await()
          .atMost(NodesInProcess.LIMIT)
          .until(() -> nodes.get(0, "/-/ready").statusCode() == 200);
      for (int i = 0; i < series; i++) {
        assertThat(nodes.write(0, "w" + i, 1_700_000_000_000L, i, NodesInProcess.LIMIT))
            .isEqualTo(new WriteOutcome.Acknowledged());
      }
      nodes.stop(0);
      Path survivor = nodes.dataOf(0);
      Path recovered = directory.resolve("recovered");
      delete(survivor.resolve("shard-1/snapshots"));
      damageLastEntry(survivor.resolve("shard-1"));

      String into = nodes.configuration(0, recovered, nodes.alone(0)).toString();
      Ended refused = run("recover", "--from", survivor.toString(), "--config", into);
      assertThat(refused.code).isEqualTo(3);
      assertThat(refused.err).contains(survivor.resolve("shard-1") + " does not have all");
      for (int shard = 0; shard < 3; shard++) {
        assertThat(recovered.resolve("shard-" + shard)).doesNotExist(); // all or none
      }
      String conf = nodes.configuration(0, survivor, nodes.alone(0)).toString();
      Ended shown = run("repair", "--config", conf);
      assertThat(shown.code).isEqualTo(3);
      assertThat(shown.out)
          .contains(
              "Shard 0: The log is sound.",
              "Shard 1: The log is damaged",
              "Shard 2: The log is sound.",
              "Nothing was changed");
      Ended cut = run("repair", "--config", conf, "--accept-loss");
      assertThat(cut.code).as(cut.err).isZero();
      assertThat(cut.out).contains("what was cut off is in " + survivor.resolve("shard-1"));
      assertThat(run("repair", "--config", conf).out).contains("nothing to do");

      conf = nodes.configuration(0, recovered, nodes.alone(0)).toString();
      Ended ended = run("recover", "--from", survivor.toString(), "--config", conf);
      assertThat(ended.code).as(ended.err).isZero();
      assertThat(ended.out).contains("Shard 0:", "Shard 1:", "Shard 2:").doesNotContain("Shard 3:");
      nodes.start(0, recovered, nodes.alone(0));
      String query = "/api/v1/query?query=count(%7B__name__=~%22w.*%22%7D)&time=1700000000";
      await()
          .atMost(NodesInProcess.LIMIT)
          .untilAsserted(
              () -> assertThat(nodes.get(0, query).body()).contains("\"" + (series - 1) + "\"]"));
      assertThat(nodes.write(0, "w1", 1_700_000_000_001L, 1, NodesInProcess.LIMIT))
          .isEqualTo(new WriteOutcome.Acknowledged());
    }
  }

  @Test
  void repairAsksBeforeItCuts() throws Exception {
    try (NodesInProcess nodes = new NodesInProcess(directory, 1, "")) {
      nodes.startAll();
      for (int i = 0; i < 5; i++) {
        assertThat(nodes.write(0, "w", 1_700_000_000_000L + i, i, NodesInProcess.LIMIT))
            .isEqualTo(new WriteOutcome.Acknowledged());
      }
      nodes.stop(0);
      String conf = nodes.configuration(0, nodes.dataOf(0), nodes.alone(0)).toString();
      assertThat(run("repair", "--config", conf).out).contains("nothing to do");

      Path snapshots = nodes.dataOf(0).resolve("shard-0/snapshots");
      delete(snapshots);
      damageLastEntry(nodes.dataOf(0));

      Ended shown = run("repair", "--config", conf);
      assertThat(shown.code).isEqualTo(3);
      assertThat(shown.out).contains("The log is damaged", "Nothing was changed");
      Ended cut = run("repair", "--config", conf, "--accept-loss");
      assertThat(cut.code).as(cut.err).isZero();
      assertThat(cut.out).contains("what was cut off is in");
      nodes.start(0);
      await().atMost(NodesInProcess.LIMIT).until(() -> nodes.leader() == 0);
      assertThat(nodes.get(0, "/api/v1/query?query=count_over_time(w[1h])&time=1700000010").body())
          .contains("\"4\"]");
    }
  }

  private static void damageLastEntry(Path data) throws IOException {
    Path segment;
    try (Stream<Path> all = Files.walk(data)) {
      segment =
          all.filter(path -> path.getFileName().toString().startsWith("log_"))
              .max(Comparator.comparing(Path::toString))
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(segment);
    int end = bytes.length;
    while (bytes[end - 1] == 0) {
      end--;
    }
    bytes[end - 10] ^= 1;
    Files.write(segment, bytes);
  }

  /** Over several block ranges, until a majority has built blocks of the first ones. */
  private static long write(NodesInProcess nodes) throws Exception {
    long startMs = System.currentTimeMillis() - 1000 * SAMPLES;
    for (int i = 0; i < SAMPLES; i++) {
      assertThat(nodes.write(0, "w", startMs + 1000L * i, i, NodesInProcess.LIMIT))
          .isEqualTo(new WriteOutcome.Acknowledged());
    }
    await()
        .atMost(NodesInProcess.LIMIT)
        .until(() -> nodes.get(0, "/api/v1/cluster/blocks").body().contains("\"checksum\""));
    return startMs + 1000 * (SAMPLES - 1);
  }

  /**
   * Stops with a snapshot that needs the blocks. A stop in the middle of their work takes none, and
   * the whole log would give all samples back.
   */
  private static void stopWithBlocksAlone(NodesInProcess nodes) throws Exception {
    for (int tries = 0; tries < 5; tries++) {
      awaitBlocksAlone(nodes);
      nodes.stop(0);
      if (hasSnapshot(nodes.dataOf(0))) {
        return;
      }
      nodes.start(0);
      await().atMost(NodesInProcess.LIMIT).until(() -> nodes.leader() == 0);
    }
    throw new AssertionError("no stop has left a snapshot");
  }

  private static boolean hasSnapshot(Path data) throws IOException {
    Path snapshots = data.resolve("shard-0/snapshots");
    if (!Files.exists(snapshots)) {
      return false;
    }
    try (Stream<Path> all = Files.list(snapshots)) {
      return all.anyMatch(path -> path.getFileName().toString().matches("\\d+_\\d+"));
    }
  }

  /** Until a block's samples have left the memory, so that no snapshot's image has them. */
  private static void awaitBlocksAlone(NodesInProcess nodes) {
    await()
        .atMost(NodesInProcess.LIMIT)
        .until(() -> {
          // What a node lets go of leaves with the next entry.
          assertThat(nodes.write(0, "v", System.currentTimeMillis(), 1, NodesInProcess.LIMIT))
              .isEqualTo(new WriteOutcome.Acknowledged());
          Matcher samples =
              Pattern.compile("\"samples\" : (\\d+)")
                  .matcher(nodes.get(0, "/api/v1/cluster/status").body());
          return samples.find() && Integer.parseInt(samples.group(1)) < SAMPLES - 20;
        });
  }

  private static void awaitCount(NodesInProcess nodes, int node, int count) {
    await()
        .atMost(NodesInProcess.LIMIT)
        .until(() ->
            nodes
                .get(node, "/api/v1/query?query=count_over_time(w[1h])")
                .body()
                .contains("\"" + count + "\"]"));
  }

  private static List<Path> blocks(Path data) throws IOException {
    try (Stream<Path> all = Files.list(data.resolve("shard-0/blocks"))) {
      return all.filter(path -> path.getFileName().toString().length() == 26).sorted().toList();
    }
  }

  /** All files with the time of their last change. */
  private static Map<String, FileTime> files(Path root) throws IOException {
    Map<String, FileTime> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path each : all.toList()) {
        files.put(root.relativize(each).toString(), Files.getLastModifiedTime(each));
      }
    }
    return files;
  }

  private static void delete(Path tree) throws IOException {
    List<Path> all;
    try (Stream<Path> walked = Files.walk(tree)) {
      all = new ArrayList<>(walked.toList());
    }
    for (Path each : all.reversed()) {
      Files.delete(each);
    }
  }
}

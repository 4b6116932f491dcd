package io.rafttsdb.jepsen;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.client.Consistency;
import io.rafttsdb.client.RaftTsdbClient;
import io.rafttsdb.client.RemoteWriteRequest;
import io.rafttsdb.client.Sample;
import io.rafttsdb.client.TimeSeries;
import io.rafttsdb.client.WriteOutcome;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A backup is made while writers write: it has all that was acknowledged before and nothing but
 * what was sent; a stock Prometheus opens it. Another, of a cluster at rest, becomes new clusters
 * of one and of three nodes with the very same samples, where writes go on.
 */
class BackupTest {

  private static final long SEED = 4_711;
  private static final int STEP = 150;
  private static final int NOT_DONE = 5;
  private static final Pattern NAME = Pattern.compile("\"name\":\"([0-9TZ]+-[0-9a-f]{16})\"");

  private static final String[] SETTINGS = {
    "storage.min-block-duration = 2s",
    "storage.out-of-order-window = 20s",
    "storage.snapshot-log-bytes = 128KiB",
    "admin-api = true"
  };

  private int runs;

  @RegisterExtension final Workshop workshop = new Workshop();

  /** A backup of a cluster at rest and all that is in it. */
  private record AtRest(Path backup, Map<Map<String, String>, NavigableMap<Long, Long>> samples) {}

  @Test
  void aBackupHasWhatWasAcknowledgedAndBecomesNewClusters() throws Exception {
    AtRest atRest = backUp(1);
    for (int size : List.of(1, 3)) {
      restore(size, 1, atRest).close();
    }
  }

  /** Those of other numbers of shards, too; and what was restored can be backed up in its turn. */
  @Test
  void aBackupOfSeveralShardsBecomesClustersOfAnyNumberOfShards() throws Exception {
    LongerSuite.assumeWanted();
    AtRest atRest = backUp(3);
    for (int shards : List.of(1, 2)) {
      restore(1, shards, atRest).close();
    }
    try (Cluster same = restore(3, 3, atRest)) {
      NodeProcess node = same.node(1);
      Path again = backup(node, "");
      Map<Map<String, String>, NavigableMap<Long, Long>> samples = samples(node);
      Optional<Path> program = Prometheus.program();
      if (program.isPresent()) {
        Path copy = copy(again, "again");
        Prometheus prometheus = workshop.use(Prometheus.startOn(workshop, program.get(), copy));
        assertThat(bySeries(prometheus.samples())).isEqualTo(samples);
      }
    }
  }

  private static String[] settings(int shards) {
    return Stream.concat(Stream.of(SETTINGS), Stream.of("shards = " + shards))
        .toArray(String[]::new);
  }

  private AtRest backUp(int shards) throws Exception {
    Cluster cluster = workshop.cluster("source", 3, settings(shards)).start();
    NodeProcess follower = cluster.others(cluster.awaitLeader()).getFirst();
    System.out.println("seed of the load: " + SEED);
    WriteLoad load = workshop.use(WriteLoad.start(cluster, 3, 10, SEED));
    load.awaitAcknowledged(STEP);
    awaitBlocks(follower);
    Ledger before = load.acknowledgedSoFar();
    Path underLoad = backup(follower, "");
    load.awaitAcknowledged(STEP);
    Ledger all = load.stop();
    assertThat(all.count(WriteOutcome.Refused.class)).isZero();

    String deleted = "{series=\"3\",writer=\"1\"}";
    assertThat(
            follower
                .post("/api/v1/admin/tsdb/delete_series?match[]=" + encoded(deleted))
                .statusCode())
        .isEqualTo(204);
    NodeProcess leader = cluster.awaitLeader();
    leader.kill(); // the backup waits for the next one
    Path atRest = backup(follower, "");
    leader.start();
    leader.awaitReady();
    Map<Map<String, String>, NavigableMap<Long, Long>> expected = samples(follower);
    assertThat(expected).hasSize(29);

    openInPrometheus(underLoad, atRest, before, all, expected);
    assertThat(run(cluster.node(1), atRest).awaitExit()).isEqualTo(NOT_DONE); // it has data
    assertThat(samples(follower)).isEqualTo(expected);
    awaitCompared(cluster);
    cluster.close();
    return new AtRest(atRest, expected);
  }

  private static void awaitBlocks(NodeProcess node) {
    Awaitility.await("blocks to link")
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> node.get("/api/v1/cluster/blocks").body().split("checksum", -1).length > 3);
  }

  /** Meanwhile the replicas have compared their states, and all have the same. */
  private static void awaitCompared(Cluster cluster) {
    Awaitility.await("a comparison of the replicas")
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            cluster.nodes().stream()
                .map(NodeProcess::status)
                .allMatch(status -> status != null && status.getLong("agreedIndex") > 0));
  }

  private static Path backup(NodeProcess node, String parameters) throws IOException {
    HttpResponse<String> answer = node.post("/api/v1/admin/tsdb/snapshot" + parameters);
    Matcher name = NAME.matcher(answer.body());
    assertThat(name.find()).as(answer.body()).isTrue();
    Path backup = node.data().resolve("backups").resolve(name.group(1));
    assertThat(backup.resolve("raft-tsdb.json")).exists();
    return backup;
  }

  private void openInPrometheus(
      Path underLoad,
      Path atRest,
      Ledger before,
      Ledger all,
      Map<Map<String, String>, NavigableMap<Long, Long>> expected)
      throws Exception {
    Optional<Path> program = Prometheus.program();
    if (program.isEmpty()) {
      System.out.println(
          "no prometheus in PROMETHEUS_HOME or on the PATH: the backups are not opened by it");
      return;
    }
    Path promtool = program.get().resolveSibling("promtool");
    if (Files.isExecutable(promtool)) {
      ServerProcess list =
          workshop.process(
              "promtool", List.of(promtool.toString(), "tsdb", "list", underLoad.toString()));
      list.start();
      assertThat(list.awaitExit()).as(list.output()).isZero();
    }
    Path copy = copy(underLoad, "under-load");
    List<TimeSeries> stored =
        workshop.use(Prometheus.startOn(workshop, program.get(), copy)).samples();
    assertThat(before.violations(stored)).allMatch(v -> v.startsWith("never sent")); // later ones
    assertThat(all.violations(stored)).allMatch(v -> v.startsWith("lost")); // later ones
    assertThat(before.count(WriteOutcome.Acknowledged.class)).isGreaterThanOrEqualTo(STEP);

    copy = copy(atRest, "at-rest");
    Prometheus prometheus = workshop.use(Prometheus.startOn(workshop, program.get(), copy));
    assertThat(bySeries(prometheus.samples())).isEqualTo(expected);
  }

  private Cluster restore(int size, int shards, AtRest atRest) throws Exception {
    Path backup = atRest.backup;
    Map<Map<String, String>, NavigableMap<Long, Long>> expected = atRest.samples;
    Cluster restored =
        workshop.cluster("restored" + size + "-" + shards, size, settings(shards)).start();
    NodeProcess node =
        restored.others(restored.awaitLeader()).stream().findFirst().orElse(restored.node(1));
    ServerProcess first = run(node, backup);
    assertThat(first.awaitExit()).as(first.output()).isZero();
    assertThat(first.output()).contains(" imported");
    for (NodeProcess each : restored.nodes()) {
      assertThat(samples(each)).as(each.name()).isEqualTo(expected);
    }
    ServerProcess again = run(node, backup);
    assertThat(again.awaitExit()).as(again.output()).isZero();
    assertThat(again.output()).contains(" present").doesNotContain(" imported");

    long newestMs = expected.values().stream().mapToLong(NavigableMap::lastKey).max().orElseThrow();
    Map<String, String> labels = expected.keySet().iterator().next();
    try (RaftTsdbClient client = restored.client()) {
      assertThat(write(client, labels, newestMs + 1)).isInstanceOf(WriteOutcome.Acknowledged.class);
      assertThat(write(client, labels, newestMs - 100_000))
          .isInstanceOf(WriteOutcome.Refused.class);
    }
    importForeign(node, newestMs);
    WriteLoad load = workshop.use(WriteLoad.start(restored, 2, 10, SEED));
    load.awaitAcknowledged(STEP);
    Ledger ledger = load.stop();
    assertThat(ledger.count(WriteOutcome.Refused.class)).isZero();
    for (NodeProcess each : restored.nodes()) {
      List<TimeSeries> stored = Stored.read(each, ".+", Consistency.LINEARIZABLE).series();
      assertThat(ledger.violations(stored)).allMatch(v -> v.startsWith("never sent"));
      assertThat(stored).anyMatch(s -> s.metricName().equals("foreign") || !hasPromtool());
      Map<Map<String, String>, NavigableMap<Long, Long>> now = bySeries(stored);
      expected.forEach((series, samples) ->
          assertThat(now.get(series)).as("%s", series).containsAllEntriesOf(samples));
    }
    return restored;
  }

  private static boolean hasPromtool() {
    return Prometheus.program()
        .map(program -> program.resolveSibling("promtool"))
        .filter(Files::isExecutable)
        .isPresent();
  }

  /** Blocks of another Prometheus, of hours before. */
  private void importForeign(NodeProcess node, long newestMs) throws IOException {
    if (!hasPromtool()) {
      System.out.println("no promtool: no foreign blocks imported");
      return;
    }
    Path directory = Files.createTempDirectory(workshop.directory(), "foreign");
    StringBuilder text = new StringBuilder("# TYPE foreign gauge\n");
    for (int i = 600; i > 0; i--) {
      text.append("foreign ").append(i).append(' ').append(newestMs / 1000 - 60L * i).append('\n');
    }
    Path metrics = Files.writeString(directory.resolve("metrics.txt"), text + "# EOF\n");
    Path blocks = directory.resolve("blocks");
    ServerProcess create =
        workshop.process(
            "promtool-" + directory.getFileName(),
            List.of(
                Prometheus.program().orElseThrow().resolveSibling("promtool").toString(),
                "tsdb",
                "create-blocks-from",
                "openmetrics",
                metrics.toString(),
                blocks.toString()));
    create.start();
    assertThat(create.awaitExit()).as(create.output()).isZero();
    HttpResponse<String> answer =
        node.post("/api/v1/admin/tsdb/import?dir=" + encoded(blocks.toString()));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("imported");
    assertThat(node.get("/api/v1/query?query=count_over_time(foreign[11h])").body())
        .contains("\"600\"");
  }

  private static WriteOutcome write(RaftTsdbClient client, Map<String, String> labels, long timeMs)
      throws InterruptedException {
    TimeSeries series = new TimeSeries(labels, List.of(new Sample(timeMs, 1L)));
    return client.write(RemoteWriteRequest.of(List.of(series)), Duration.ofSeconds(30));
  }

  /** The program as a user starts it. */
  private ServerProcess run(NodeProcess node, Path backup) {
    ServerProcess process =
        workshop.process(
            "restore-" + ++runs,
            NodeProcess.command(
                List.of("restore", "--from", backup.toString(), "--url", node.http().toString())));
    process.start();
    return process;
  }

  private static Map<Map<String, String>, NavigableMap<Long, Long>> samples(NodeProcess node)
      throws Exception {
    return bySeries(Stored.read(node, ".+", Consistency.LINEARIZABLE).series());
  }

  private static Map<Map<String, String>, NavigableMap<Long, Long>> bySeries(List<TimeSeries> all) {
    Map<Map<String, String>, NavigableMap<Long, Long>> found = new HashMap<>();
    for (TimeSeries series : all) {
      NavigableMap<Long, Long> samples =
          found.computeIfAbsent(series.labels(), none -> new TreeMap<>());
      series.samples().forEach(sample -> samples.put(sample.timestampMs(), sample.valueBits()));
    }
    found.values().removeIf(Map::isEmpty);
    return found;
  }

  private Path copy(Path from, String name) throws IOException {
    Path to = workshop.directory().resolve(name);
    List<Path> files;
    try (Stream<Path> tree = Files.walk(from)) {
      files = tree.toList();
    }
    for (Path file : files) {
      Files.copy(file, to.resolve(from.relativize(file)));
    }
    return to;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}

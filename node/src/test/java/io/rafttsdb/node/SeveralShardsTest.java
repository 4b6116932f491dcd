package io.rafttsdb.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.client.ClientOptions;
import io.rafttsdb.client.RaftTsdbClient;
import io.rafttsdb.client.RemoteWriteRequest;
import io.rafttsdb.client.TimeSeries;
import io.rafttsdb.client.WriteOutcome;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes of four shards, as their users see them. */
final class SeveralShardsTest {

  private static final int SHARDS = 4;
  private static final int SERIES = 200;
  private static final String TOKEN = "X-Raft-Tsdb-Token";
  private static final Pattern ROLE = Pattern.compile("\"role\" : \"(\\w+)\"");

  @TempDir Path directory;

  @Test
  void theyAreOneStorageToWritesReadsAndSettings() throws Exception {
    try (NodesInProcess nodes = new NodesInProcess(directory, 3, "shards = " + SHARDS)) {
      nodes.startAll();
      for (int i = 0; i < 3; i++) {
        int node = i;
        await().atMost(NodesInProcess.LIMIT).until(() -> get(nodes, node, "/-/ready") == 200);
      }
      long now = System.currentTimeMillis();

      assertThat(write(nodes, 0, now - 1000)).isInstanceOf(WriteOutcome.Acknowledged.class);
      assertThat(write(nodes, 1, now)).isInstanceOf(WriteOutcome.Acknowledged.class);
      for (int node = 0; node < 3; node++) {
        assertThat(query(nodes, node, "count(m)")).contains("\"" + SERIES + "\"]");
        assertThat(query(nodes, node, "sum(count_over_time(m[1m]))"))
            .contains("\"" + 2 * SERIES + "\"]");
        assertThat(query(nodes, node, "sum(m) by (parity)")).contains("even", "odd");
      }
      assertSorted(nodes.get(2, "/api/v1/label/i/values").body());

      HttpResponse<String> read = nodes.get(0, "/api/v1/query?query=m");
      String token = read.headers().firstValue(TOKEN).orElseThrow();
      assertThat(token).matches("[0-9a-f-]{36};0:\\d+,1:\\d+,2:\\d+,3:\\d+");
      HttpResponse<String> stale =
          nodes.get(1, "/api/v1/query?query=count(m)&consistency=stale", TOKEN, token);
      assertThat(stale.body()).contains("\"" + SERIES + "\"]");

      // One sample of each series is no repeat and too old; those beside them are stored.
      WriteOutcome outcome = write(nodes, 2, now - 2000);
      assertThat(outcome).isInstanceOf(WriteOutcome.Refused.class);
      assertThat(outcome.toString()).contains("out of order", "all other samples");

      assertThat(roles(nodes, 0)).hasSize(SHARDS + 1);
      assertThat(nodes.post(1, "/api/v1/cluster/settings?retention_time=3d", new byte[0]).body())
          .contains("3d");
      for (int shard = 0; shard < SHARDS; shard++) {
        String settings = "/api/v1/cluster/settings?shard=" + shard;
        await("settings of shard " + shard)
            .atMost(NodesInProcess.LIMIT)
            .until(() -> nodes.get(2, settings).body().contains("\"retention_time\" : \"3d\""));
      }

      nodes.stop(0);
      await("leaders of all shards")
          .atMost(NodesInProcess.LIMIT)
          .until(() -> write(nodes, 1, now + 1000) instanceof WriteOutcome.Acknowledged);
      nodes.start(0);
      await("caught up")
          .atMost(NodesInProcess.LIMIT)
          .until(
              () -> query(nodes, 0, "sum(count_over_time(m[1m]))"),
              answer -> answer.contains("\"" + 3 * SERIES + "\"]"));
    }
  }

  @Test
  void deletesAreCarriedOutInEveryShardByItsLeader() throws Exception {
    String more = "shards = 3\nadmin-api = true\nstorage.min-block-duration = 2s";
    try (NodesInProcess nodes = new NodesInProcess(directory, 3, more)) {
      nodes.startAll();
      for (int i = 0; i < 3; i++) {
        int node = i;
        await().atMost(NodesInProcess.LIMIT).until(() -> get(nodes, node, "/-/ready") == 200);
      }
      long now = System.currentTimeMillis();
      for (long timeMs = now - 8_000; timeMs <= now; timeMs += 1_000) {
        assertThat(write(nodes, 0, timeMs)).isInstanceOf(WriteOutcome.Acknowledged.class);
      }
      for (int shard = 0; shard < 3; shard++) {
        String blocks = "/api/v1/cluster/blocks?shard=" + shard;
        await("a block of shard " + shard)
            .atMost(NodesInProcess.LIMIT)
            .until(() -> nodes.get(0, blocks).body().contains("checksum"));
      }
      String match = "?match[]=" + URLEncoder.encode("{parity=\"odd\"}", UTF_8);
      String admin = "/api/v1/admin/tsdb/";
      for (int node = 0; node < 3; node++) { // whichever shards it leads; a repeat changes nothing
        assertThat(nodes.post(node, admin + "delete_series" + match, new byte[0]).statusCode())
            .isEqualTo(204);
      }
      for (int node = 0; node < 3; node++) {
        assertThat(query(nodes, node, "sum(count_over_time(m[1m]))"))
            .contains("\"" + 9 * SERIES / 2 + "\"]");
        assertThat(query(nodes, node, "count(count_over_time(m{parity=\"odd\"}[1m]))"))
            .contains("\"result\":[]");
      }
      assertThat(nodes.post(1, admin + "clean_tombstones", new byte[0]).statusCode())
          .isEqualTo(204);
      for (int shard = 0; shard < 3; shard++) {
        String blocks = "/api/v1/cluster/blocks?shard=" + shard;
        await("a clean shard " + shard)
            .atMost(NodesInProcess.LIMIT)
            .until(() -> !nodes.get(2, blocks).body().matches("(?s).*\"deletes\" : [1-9].*"));
      }
      assertThat(nodes.post(0, admin + "clean_tombstones?shard=3", new byte[0]).statusCode())
          .isEqualTo(400);
    }
  }

  private static List<String> roles(NodesInProcess nodes, int node) throws Exception {
    List<String> roles = new ArrayList<>();
    Matcher matcher = ROLE.matcher(nodes.get(node, "/api/v1/cluster/status").body());
    while (matcher.find()) {
      roles.add(matcher.group(1));
    }
    return roles;
  }

  private static int get(NodesInProcess nodes, int node, String path) throws Exception {
    return nodes.get(node, path).statusCode();
  }

  private static String query(NodesInProcess nodes, int node, String query) throws Exception {
    return nodes.get(node, "/api/v1/query?query=" + URLEncoder.encode(query, UTF_8)).body();
  }

  private static void assertSorted(String answer) {
    List<String> values = new ArrayList<>();
    Matcher matcher = Pattern.compile("\"(\\d+)\"").matcher(answer);
    while (matcher.find()) {
      values.add(matcher.group(1));
    }
    assertThat(values).hasSize(SERIES).isSorted();
  }

  /** A sample of each series in one request. */
  private static WriteOutcome write(NodesInProcess nodes, int node, long timeMs) throws Exception {
    List<TimeSeries> series = new ArrayList<>();
    for (int i = 0; i < SERIES; i++) {
      Map<String, String> labels = new TreeMap<>();
      labels.put("__name__", "m");
      labels.put("i", Integer.toString(i));
      labels.put("parity", i % 2 == 0 ? "even" : "odd");
      series.add(TimeSeries.of(labels, timeMs, i));
    }
    try (RaftTsdbClient client =
        new RaftTsdbClient(ClientOptions.of(List.of(nodes.uri(node, ""))))) {
      return client.write(RemoteWriteRequest.of(series), Duration.ofSeconds(20));
    }
  }
}

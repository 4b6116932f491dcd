package io.rafttsdb.node.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import io.rafttsdb.node.NodesInProcess;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reads promise, on three nodes of which two stop. */
final class ConsistencyTest {

  private static final String QUERY = "/api/v1/query?query=sum(up)";

  @TempDir Path directory;

  @Test
  void eachConsistencyAndTheToken() throws Exception {
    try (NodesInProcess nodes = new NodesInProcess(directory, 3, "")) {
      nodes.startAll();
      int leader = nodes.leader();
      int follower = (leader + 1) % 3;
      int other = (leader + 2) % 3;

      // An empty request: nothing to store, and the answer bears what this node has seen.
      HttpResponse<String> written = nodes.post(follower, "/api/v1/write", snappy(new byte[0]));
      assertThat(written.statusCode()).isEqualTo(204);
      String token = written.headers().firstValue(ReadToken.HEADER).orElseThrow();
      String cluster = token.substring(0, token.indexOf(';'));
      long index = Long.parseLong(token.substring(token.indexOf(':') + 1));

      HttpResponse<String> read =
          nodes.get(other, QUERY + "&consistency=stale", ReadToken.HEADER, token);
      assertThat(read.statusCode()).isEqualTo(200);
      assertThat(header(read, "X-Raft-Tsdb-Consistency")).isEqualTo("stale");
      assertThat(Long.parseLong(header(read, "X-Raft-Tsdb-Index"))).isGreaterThanOrEqualTo(index);
      assertThat(Long.parseLong(header(read, "X-Raft-Tsdb-Time"))).isPositive();
      assertThat(header(read, ReadToken.HEADER)).startsWith(cluster + ";0:");

      assertBad(nodes, other, UUID.randomUUID() + ";0:1", "it is of the cluster");
      assertBad(nodes, other, "0:1", "expected <cluster id>;<shard>:<index>");
      HttpResponse<String> future =
          nodes.get(
              other,
              QUERY + "&consistency=stale&timeout=1s",
              ReadToken.HEADER,
              cluster + ";0:" + (index + 1_000_000));
      assertThat(future.statusCode()).isEqualTo(503);
      assertThat(future.body()).contains("which the token names");

      assertThat(nodes.get(leader, QUERY + "&consistency=leader").statusCode()).isEqualTo(200);
      HttpResponse<String> elsewhere = nodes.get(follower, QUERY + "&consistency=leader");
      assertThat(elsewhere.statusCode()).isEqualTo(503);
      assertThat(elsewhere.body()).contains("n" + leader + " at " + nodes.httpOf(leader));
      assertThat(nodes.get(leader, QUERY + "&max_staleness=1s").statusCode()).isEqualTo(400);

      assertThat(stale(nodes, follower, "1m")).isEqualTo(200); // by a barrier
      nodes.stop(leader);
      nodes.stop(other);
      assertThat(stale(nodes, follower, "1h")).isEqualTo(200); // it was current within the hour
      await()
          .atMost(NodesInProcess.LIMIT)
          .until(() -> stale(nodes, follower, "1ms") == 503); // it is not any more
      assertThat(nodes.get(follower, QUERY + "&consistency=stale").statusCode()).isEqualTo(200);
      assertThat(nodes.get(follower, QUERY + "&timeout=300ms").statusCode()).isEqualTo(503);
    }
  }

  private static int stale(NodesInProcess nodes, int node, String max) throws Exception {
    return nodes
        .get(node, QUERY + "&consistency=stale&timeout=500ms&max_staleness=" + max)
        .statusCode();
  }

  private static void assertBad(NodesInProcess nodes, int node, String token, String text)
      throws Exception {
    HttpResponse<String> answer = nodes.get(node, QUERY, ReadToken.HEADER, token);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains(text);
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElseThrow();
  }

  private static byte[] snappy(byte[] bytes) {
    SnappyJavaCompressor snappy = new SnappyJavaCompressor();
    byte[] compressed = new byte[snappy.maxCompressedLength(bytes.length)];
    int length = snappy.compress(bytes, 0, bytes.length, compressed, 0, compressed.length);
    return Arrays.copyOf(compressed, length);
  }
}

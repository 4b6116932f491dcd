package io.rafttsdb.node.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.client.ClientOptions;
import io.rafttsdb.client.Consistency;
import io.rafttsdb.client.Matcher;
import io.rafttsdb.client.RaftTsdbClient;
import io.rafttsdb.client.ReadOptions;
import io.rafttsdb.client.ReadQuery;
import io.rafttsdb.client.RemoteWriteRequest;
import io.rafttsdb.client.TimeSeries;
import io.rafttsdb.client.WriteOutcome;
import io.rafttsdb.node.Node;
import io.rafttsdb.node.NodeEnd;
import io.rafttsdb.node.cluster.FreePorts;
import io.rafttsdb.node.config.ConfigReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in this process, on disks that have as much room as the test says. */
final class LowDiskTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int NODES = 3;
  private static final long ROOM = 1L << 40;

  /** Between half of the reserve and the reserve: two segments of 32 MiB and a margin of 1 GiB. */
  private static final long LOW = 900L << 20;

  private static final long FULL = 100L << 20;

  @TempDir Path directory;
  private final List<Node> nodes = new ArrayList<>();
  private final List<URI> addresses = new ArrayList<>();
  private final List<AtomicLong> free = new ArrayList<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private int written;

  @BeforeEach
  void start() throws Exception {
    List<Integer> ports = FreePorts.take(2 * NODES);
    List<String> members = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      members.add(
          "{ name = n%d, http = \"127.0.0.1:%d\", raft = \"127.0.0.1:%d\" }"
              .formatted(i, ports.get(2 * i), ports.get(2 * i + 1)));
    }
    for (int i = 0; i < NODES; i++) {
      Path file =
          Files.writeString(
              directory.resolve("n" + i + ".conf"),
              """
              raft-tsdb {
                name = n%d
                http-address = "127.0.0.1:%d"
                raft-address = "127.0.0.1:%d"
                members = [%s]
                storage.path = "%s"
                self-monitoring.enabled = false
              }
              """
                  .formatted(
                      i,
                      ports.get(2 * i),
                      ports.get(2 * i + 1),
                      String.join(", ", members),
                      directory.resolve("data" + i)));
      AtomicLong bytes = new AtomicLong(ROOM);
      free.add(bytes);
      addresses.add(URI.create("http://127.0.0.1:" + ports.get(2 * i)));
      nodes.add(
          Node.start(
              ConfigReader.read(file, Map.of()),
              InstantSource.system(),
              new Random(i),
              (reason, cause) -> failures.add(reason),
              bytes::get));
    }
    await().atMost(LIMIT).until(() -> leader() >= 0);
  }

  @AfterEach
  void close() {
    nodes.forEach(Node::close);
    http.close();
    assertThat(failures).isEmpty();
  }

  private String get(int node, String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(addresses.get(node).resolve(path)).build();
    return http.send(request, BodyHandlers.ofString()).body();
  }

  /** The place of the node that leads and is ready, or -1. */
  private int leader() throws Exception {
    for (int i = 0; i < NODES; i++) {
      String status = get(i, "/api/v1/cluster/status");
      if (status.contains("\"role\" : \"leader\"") && status.contains("\"ready\" : true")) {
        return i;
      }
    }
    return -1;
  }

  private WriteOutcome write(int node, Duration limit) throws Exception {
    try (RaftTsdbClient client =
        new RaftTsdbClient(ClientOptions.of(List.of(addresses.get(node))))) {
      return client.write(
          RemoteWriteRequest.of(
              List.of(TimeSeries.of(Map.of("__name__", "w"), 1_700_000_000_000L + written, 1))),
          limit);
    }
  }

  private void awaitWritten(int node) throws Exception {
    assertThat(write(node, LIMIT)).isEqualTo(new WriteOutcome.Acknowledged());
    written++;
  }

  private void awaitRefused(int node) {
    await()
        .atMost(LIMIT)
        .until(() -> {
          WriteOutcome outcome = write(node, Duration.ofMillis(300));
          if (outcome.equals(new WriteOutcome.Acknowledged())) {
            written++;
          }
          return outcome.toString().contains("low disk: ");
        });
  }

  private int read(int node) throws Exception {
    try (RaftTsdbClient client =
        new RaftTsdbClient(ClientOptions.of(List.of(addresses.get(node))))) {
      return client
          .remoteRead(
              new ReadQuery(0, Long.MAX_VALUE / 2, List.of(Matcher.equal("__name__", "w"))),
              new ReadOptions(Consistency.LINEARIZABLE, LIMIT))
          .series()
          .stream()
          .mapToInt(series -> series.samples().size())
          .sum();
    }
  }

  @Test
  void aLeaderHandsOverWritesAreRefusedAndComeBackAndAFollowerStops() throws Exception {
    int first = leader();
    awaitWritten(first);
    free.get(first).set(LOW);
    await().atMost(LIMIT).until(() -> leader() >= 0 && leader() != first);
    awaitWritten(first); // two of three have room

    int second = leader();
    int third = NODES - first - second;
    free.get(third).set(LOW);
    awaitRefused(first);
    await().atMost(LIMIT).until(() -> leader() == second); // the only one that has room
    assertThat(read(third)).isEqualTo(written);
    assertThat(get(third, "/api/v1/cluster/status")).contains("\"disk\" : \"low\"");
    assertThat(get(second, "/metrics"))
        .contains("raft_tsdb_disk_writes_refused 1", "raft_tsdb_disk_low 0");

    free.get(first).set(ROOM);
    await()
        .atMost(LIMIT)
        .until(() -> write(third, Duration.ofSeconds(2)).equals(new WriteOutcome.Acknowledged()));
    written++;

    free.get(third).set(FULL);
    NodeEnd end = nodes.get(third).awaitEnd();
    assertThat(end.kind()).isEqualTo(NodeEnd.Kind.DISK_FULL);
    assertThat(end.reason()).contains("the disk is full: " + FULL + " bytes are free");
    nodes.get(third).close();
    awaitWritten(first);
    assertThat(read(first)).isEqualTo(written);
  }
}

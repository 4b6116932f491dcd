package io.rafttsdb.node.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rafttsdb.client.ClientOptions;
import io.rafttsdb.client.Matcher;
import io.rafttsdb.client.RaftTsdbClient;
import io.rafttsdb.client.ReadOptions;
import io.rafttsdb.client.ReadQuery;
import io.rafttsdb.client.RemoteWriteRequest;
import io.rafttsdb.client.Sample;
import io.rafttsdb.client.TimeSeries;
import io.rafttsdb.client.WriteOutcome;
import io.rafttsdb.node.Node;
import io.rafttsdb.node.cluster.FreePorts;
import io.rafttsdb.node.config.ConfigReader;
import io.rafttsdb.storage.model.NativeHistogram;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writes into a cluster of three nodes in this process, over real HTTP, and reads them back. */
final class WriteEndpointTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int NODES = 3;
  private static final long NOW = System.nanoTime() / 1_000_000 + 1_700_000_000_000L;

  @TempDir static Path directory;

  private static final List<Node> nodes = new ArrayList<>();
  private static final List<URI> addresses = new ArrayList<>();
  private static final HttpClient http = HttpClient.newHttpClient();

  @BeforeAll
  static void start() throws Exception {
    List<Integer> ports = FreePorts.take(2 * NODES);
    List<String> members = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      members.add(
          "{ name = n%d, http = \"127.0.0.1:%d\", raft = \"127.0.0.1:%d\" }"
              .formatted(i, ports.get(2 * i), ports.get(2 * i + 1)));
    }
    for (int i = 0; i < NODES; i++) {
      Path file = directory.resolve("n" + i + ".conf");
      Files.writeString(
          file,
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
      nodes.add(
          Node.start(
              ConfigReader.read(file, Map.of()),
              InstantSource.fixed(java.time.Instant.ofEpochMilli(NOW)),
              new java.util.Random(i),
              (message, cause) -> {
                throw new AssertionError(message, cause);
              }));
      addresses.add(URI.create("http://127.0.0.1:" + ports.get(2 * i)));
    }
    for (URI address : addresses) {
      await()
          .atMost(LIMIT)
          .ignoreExceptions()
          .until(() -> get(address, "/-/ready").statusCode() == 200);
    }
  }

  @AfterAll
  static void stop() {
    nodes.forEach(Node::close);
    http.close();
  }

  private static HttpResponse<String> get(URI node, String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(node.resolve(path)).build(), BodyHandlers.ofString(UTF_8));
  }

  private static HttpResponse<String> write(URI node, byte[] body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(node.resolve("/api/v1/write"))
            .POST(BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofString(UTF_8));
  }

  private static byte[] request(String metric, int series, long timestampMs, double value) {
    List<TimeSeries> all = new ArrayList<>();
    for (int i = 0; i < series; i++) {
      all.add(
          TimeSeries.of(Map.of("__name__", metric, "n", Integer.toString(i)), timestampMs, value));
    }
    return RemoteWriteRequest.of(all).body();
  }

  private static Map<Map<String, String>, List<Sample>> read(URI node, String metric)
      throws Exception {
    try (RaftTsdbClient client = new RaftTsdbClient(ClientOptions.of(List.of(node)))) {
      return client
          .remoteRead(
              new ReadQuery(0, Long.MAX_VALUE, List.of(Matcher.equal("__name__", metric))),
              ReadOptions.DEFAULT)
          .series()
          .stream()
          .collect(Collectors.toMap(TimeSeries::labels, TimeSeries::samples));
    }
  }

  @Test
  void whatAnyNodeAcknowledgesEveryNodeReadsAtOnce() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 30; round++) {
      URI node = addresses.get(round % NODES);
      double value = random.nextDouble();
      HttpResponse<String> answer = write(node, request("each", 20, NOW + round, value));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
      for (URI reader : addresses) {
        assertThat(read(reader, "each"))
            .hasSize(20)
            .allSatisfy((labels, samples) ->
                assertThat(samples.getLast())
                    .isEqualTo(Sample.of(NOW + samples.size() - 1, value)));
      }
    }
  }

  @Test
  void aRepeatChangesNothingAndADifferentValueIsRefusedWithTheRestStored() throws Exception {
    byte[] first = request("repeat", 3, NOW, 1);
    for (URI node : addresses) {
      assertThat(write(node, first).statusCode()).isEqualTo(204);
    }
    List<TimeSeries> mixed =
        List.of(
            TimeSeries.of(Map.of("__name__", "repeat", "n", "0"), NOW, 2),
            TimeSeries.of(Map.of("__name__", "repeat", "n", "1"), NOW + 1, 2),
            TimeSeries.of(Map.of("__name__", "repeat", "n", "new"), NOW, 2));
    for (URI node : addresses) {
      HttpResponse<String> answer = write(node, RemoteWriteRequest.of(mixed).body());
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body())
          .contains("duplicate sample for timestamp: series={__name__=\"repeat\", n=\"0\"}");
    }
    assertThat(read(addresses.getFirst(), "repeat"))
        .containsEntry(Map.of("__name__", "repeat", "n", "0"), List.of(Sample.of(NOW, 1)))
        .containsEntry(
            Map.of("__name__", "repeat", "n", "1"),
            List.of(Sample.of(NOW, 1), Sample.of(NOW + 1, 2)))
        .containsEntry(Map.of("__name__", "repeat", "n", "new"), List.of(Sample.of(NOW, 2)));
  }

  @Test
  void histogramsAreReadBackFromEveryNodeAndAWrongOneLeavesTheRest() throws Exception {
    SplittableRandom random = new SplittableRandom(11);
    List<NativeHistogram> sent = new ArrayList<>();
    RawRequest series = new RawRequest().raw(RawRequest.labels("__name__", "histogram"));
    series.field(RawRequest.SAMPLE, RawRequest.sample(NOW - 1, 7));
    for (int i = 0; i < 50; i++) {
      sent.add(RawHistogram.any(random));
      series.field(RawRequest.HISTOGRAM, RawHistogram.of(NOW + i, sent.getLast()));
    }
    byte[] good = new RawRequest().field(RawRequest.SERIES, series.bytes()).body();
    for (URI node : addresses) {
      assertThat(write(node, good).statusCode()).isEqualTo(204);
    }
    byte[] wrong = new RawRequest().varint(15, NOW + 50).varint(1, 5).bytes();
    series.field(RawRequest.HISTOGRAM, wrong);
    series.field(RawRequest.HISTOGRAM, RawHistogram.of(NOW + 49, sent.getFirst()));
    byte[] bad = new RawRequest().field(RawRequest.SERIES, series.bytes()).body();
    for (URI node : addresses) {
      HttpResponse<String> answer = write(node, bad);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body())
          .contains("but the Count field is 5: histogram's observation count should equal")
          .contains("duplicate sample for timestamp: series={__name__=\"histogram\"}");
      List<NativeHistogram> stored = ReadHistograms.of(http, node, "histogram", NOW);
      assertThat(stored).hasSameSizeAs(sent);
      for (int i = 0; i < stored.size(); i++) {
        assertThat(stored.get(i).sameSample(sent.get(i))).as("%s", stored.get(i)).isTrue();
      }
      assertThat(get(node, "/api/v1/query?query=histogram&time=" + (NOW / 1000 + 1)).body())
          .contains("{\"metric\":{\"__name__\":\"histogram\"},\"histogram\":[")
          .contains(",{\"count\":\"");
    }
  }

  @Test
  void aSampleFarAheadOfTheClockIsRefused() throws Exception {
    long limit = NOW + LogWriter.FUTURE_MAX.toMillis();
    for (URI node : addresses) {
      assertThat(write(node, request("ahead", 1, limit + 1, 1)).body()).contains("out of bounds");
    }
    assertThat(read(addresses.getFirst(), "ahead")).isEmpty();
  }

  @Test
  void eachNodeAnswersBadInputAlike() throws Exception {
    for (URI node : addresses) {
      byte[] good = request("bad_input", 1, NOW, 1);
      assertThat(write(node, new byte[] {1, 2, 3}).statusCode()).isEqualTo(400);
      assertThat(write(node, good, "Content-Type", "text/plain").statusCode()).isEqualTo(415);
      assertThat(
              write(
                      node,
                      good,
                      "Content-Type",
                      "application/x-protobuf;proto=io.prometheus.write.v2.Request")
                  .statusCode())
          .isEqualTo(415);
      assertThat(write(node, good, "Content-Encoding", "zstd").statusCode()).isEqualTo(415);
      assertThat(get(node, "/api/v1/write").statusCode()).isEqualTo(405);
    }
    assertThat(read(addresses.getFirst(), "bad_input")).isEmpty();
  }

  @Test
  void aForwardedRequestIsNotForwardedAgainAndItsTimeCounts() throws Exception {
    byte[] body = request("forwarded", 1, NOW, 1);
    int stored = 0;
    for (URI node : addresses) {
      HttpResponse<String> answer = write(node, body, LeaderForwarder.LEFT_HEADER, "5000");
      if (answer.statusCode() == 204) {
        stored++;
      } else {
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).contains("1");
        assertThat(answer.body()).contains("does not lead");
      }
      assertThat(write(node, body, LeaderForwarder.LEFT_HEADER, "0").statusCode()).isEqualTo(503);
    }
    assertThat(stored).isEqualTo(1);
  }

  @Test
  void aRequestIsDecidedBeforeTheClientGoesOn() {
    assertThat(WriteEndpoint.DEADLINE.plus(LogWriter.GRACE).plusSeconds(2))
        .as("with time for the answer to arrive")
        .isLessThan(ClientOptions.ATTEMPT_TIMEOUT_DEFAULT);
  }

  @Test
  void theClientWritesThroughAnyNode() throws Exception {
    for (URI node : addresses) {
      try (RaftTsdbClient client = new RaftTsdbClient(ClientOptions.of(List.of(node)))) {
        WriteOutcome outcome =
            client.write(
                RemoteWriteRequest.of(List.of(TimeSeries.of(Map.of("__name__", "client"), NOW, 1))),
                LIMIT);
        assertThat(outcome).isEqualTo(new WriteOutcome.Acknowledged());
      }
    }
  }
}

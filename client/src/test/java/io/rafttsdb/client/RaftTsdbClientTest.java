package io.rafttsdb.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RaftTsdbClientTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final RemoteWriteRequest ONE_SAMPLE =
      RemoteWriteRequest.of(List.of(TimeSeries.of(Map.of("__name__", "up"), 1000, 1)));
  private static final ReadOptions STALE = new ReadOptions(Consistency.STALE, LONG);

  private StubNode one;
  private StubNode two;

  @BeforeEach
  void start() throws Exception {
    one = new StubNode();
    two = new StubNode();
  }

  @AfterEach
  void stop() {
    one.close();
    two.close();
  }

  @Test
  void anAcknowledgedWriteIsSentOnce() throws Exception {
    one.then(204, "");
    try (RaftTsdbClient client = client(one.address(), two.address())) {
      assertThat(client.write(ONE_SAMPLE, LONG)).isEqualTo(new WriteOutcome.Acknowledged());
    }
    assertThat(one.asked()).hasSize(1);
    assertThat(one.asked().get(0).uri().getPath()).isEqualTo("/api/v1/write");
    assertThat(one.asked().get(0).contentType()).isEqualTo("application/x-protobuf");
    assertThat(one.asked().get(0).body()).isEqualTo(ByteString.copyFrom(ONE_SAMPLE.body()));
    assertThat(two.asked()).isEmpty();
  }

  @Test
  void anotherNodeIsAskedWhereOneIsUnavailableHangsUpOrIsGone() throws Exception {
    one.then(503, "no leader").then(StubNode::hangUp).then(429, "slow down").then(204, "");
    try (RaftTsdbClient client = client(one.address(), goneNode())) {
      assertThat(client.write(ONE_SAMPLE, LONG)).isEqualTo(new WriteOutcome.Acknowledged());
    }
    assertThat(one.asked()).hasSize(4);
    assertThat(one.asked())
        .allSatisfy(a -> assertThat(a.body()).isEqualTo(ByteString.copyFrom(ONE_SAMPLE.body())));
  }

  @Test
  void theNodeThatAnsweredIsAskedFirstNextTime() throws Exception {
    one.then(503, "no leader");
    two.then(204, "").then(204, "");
    try (RaftTsdbClient client = client(one.address(), two.address())) {
      client.write(ONE_SAMPLE, LONG);
      client.write(ONE_SAMPLE, LONG);
    }
    assertThat(one.asked()).hasSize(1);
    assertThat(two.asked()).hasSize(2);
  }

  @Test
  void aNodeThatAskedForTimeIsLeftAloneUntilThen() throws Exception {
    one.then(exchange -> {
      exchange.getResponseHeaders().set("Retry-After", "30");
      StubNode.send(exchange, 503, "overload");
    });
    two.then(503, "no leader").then(503, "no leader").then(204, "");
    try (RaftTsdbClient client = client(one.address(), two.address())) {
      assertThat(client.write(ONE_SAMPLE, LONG)).isEqualTo(new WriteOutcome.Acknowledged());
    }
    assertThat(one.asked()).hasSize(1);
    assertThat(two.asked()).hasSize(3);
  }

  @Test
  void aRefusalIsFinalAndTellsItsText() throws Exception {
    one.then(400, "1 of 1 samples refused: out of order sample\n");
    try (RaftTsdbClient client = client(one.address(), two.address())) {
      assertThat(client.write(ONE_SAMPLE, LONG))
          .isEqualTo(new WriteOutcome.Refused(400, "1 of 1 samples refused: out of order sample"));
    }
    assertThat(one.asked()).hasSize(1);
    assertThat(two.asked()).isEmpty();
  }

  @Test
  void outOfBoundsIsARefusalAtFirstButUnknownAfterAnAttemptWithoutAnAnswer() throws Exception {
    one.then(400, "out of bounds");
    try (RaftTsdbClient client = client(one.address())) {
      assertThat(client.write(ONE_SAMPLE, LONG)).isInstanceOf(WriteOutcome.Refused.class);
    }
    two.then(StubNode::hangUp).then(400, "out of bounds");
    try (RaftTsdbClient client = client(two.address())) {
      assertThat(client.write(ONE_SAMPLE, LONG)).isInstanceOf(WriteOutcome.Unknown.class);
    }
  }

  @Test
  void outOfBoundsStaysARefusalWhereNoAttemptBeforeReachedANode() throws Exception {
    one.then(400, "out of bounds");
    try (RaftTsdbClient client = client(goneNode(), one.address())) {
      assertThat(client.write(ONE_SAMPLE, LONG)).isInstanceOf(WriteOutcome.Refused.class);
    }
  }

  @Test
  void aWriteWithoutAnAnswerInTimeIsUnknown() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    one.then(exchange -> await(over));
    try (RaftTsdbClient client = client(one.address())) {
      WriteOutcome outcome = client.write(ONE_SAMPLE, Duration.ofMillis(300));
      assertThat(outcome).isInstanceOf(WriteOutcome.Unknown.class);
    } finally {
      over.countDown();
    }
  }

  @Test
  void queryGivesAVectorWithLabelsTimesAndValues() throws Exception {
    one.then(exchange -> {
      exchange.getResponseHeaders().set("X-Raft-Tsdb-Index", "42,7");
      StubNode.send(
          exchange,
          200,
          """
          {"status":"success","warnings":["w"],"data":{"resultType":"vector","result":[
            {"metric":{"__name__":"up","job":"a"},"value":[1700000000.123,"1e-07"]},
            {"metric":{},"value":[1700000000,"+Inf"]}]}}\
          """);
    });
    try (RaftTsdbClient client = client(one.address())) {
      QueryResult result = client.query("up{a=\"ä\"}", Instant.ofEpochMilli(1234), STALE);
      assertThat(result.indexes()).containsExactly(42L, 7L);
      assertThat(result.warnings()).containsExactly("w");
      assertThat(result.value())
          .isEqualTo(
              new QueryResult.Vector(
                  List.of(
                      TimeSeries.of(Map.of("__name__", "up", "job", "a"), 1700000000123L, 1e-07),
                      TimeSeries.of(Map.of(), 1700000000000L, Double.POSITIVE_INFINITY))));
    }
    assertThat(form(one.asked().get(0)))
        .containsExactly("query=up{a=\"ä\"}", "time=1.234", "consistency=stale");
  }

  @Test
  void queryRangeGivesAMatrix() throws Exception {
    one.then(
        200,
        """
        {"status":"success","data":{"resultType":"matrix","result":[
          {"metric":{"a":"b"},"values":[[1,"1"],[1.5,"NaN"],[2,"-Inf"]]}]}}\
        """);
    try (RaftTsdbClient client = client(one.address())) {
      QueryResult result =
          client.queryRange(
              "x",
              Instant.ofEpochSecond(1),
              Instant.ofEpochSecond(2),
              Duration.ofMillis(500),
              STALE);
      QueryResult.Matrix matrix = (QueryResult.Matrix) result.value();
      assertThat(matrix.series().get(0).labels()).containsExactly(Map.entry("a", "b"));
      assertThat(matrix.series().get(0).samples())
          .extracting(Sample::timestampMs, Sample::value)
          .containsExactly(
              tuple(1000L, 1.0), tuple(1500L, Double.NaN), tuple(2000L, Double.NEGATIVE_INFINITY));
      assertThat(result.indexes()).isEmpty();
    }
    assertThat(form(one.asked().get(0)))
        .containsExactly("query=x", "start=1.000", "end=2.000", "step=0.500", "consistency=stale");
  }

  @Test
  void scalarsAndStringsAreTyped() throws Exception {
    one.then(200, "{\"data\":{\"resultType\":\"scalar\",\"result\":[0.05,\"7\"]}}");
    one.then(200, "{\"data\":{\"resultType\":\"string\",\"result\":[3,\"text\"]}}");
    try (RaftTsdbClient client = client(one.address())) {
      assertThat(client.query("7", Instant.EPOCH, STALE).value())
          .isEqualTo(new QueryResult.Scalar(Sample.of(50, 7)));
      assertThat(client.query("\"text\"", Instant.EPOCH, STALE).value())
          .isEqualTo(new QueryResult.Text(3000, "text"));
    }
  }

  @Test
  void aWrongQueryIsRefusedAtOnceAndAnUnavailableClusterSaysSo() throws Exception {
    one.then(
        400, "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"1:1: parse error\"}");
    try (RaftTsdbClient client = client(one.address())) {
      assertThatThrownBy(() -> client.query("(", Instant.EPOCH, STALE))
          .isInstanceOf(RequestRefused.class)
          .hasMessageContaining("parse error");
    }
    assertThat(one.asked()).hasSize(1);
    try (RaftTsdbClient client = client(goneNode())) {
      assertThatThrownBy(() ->
              client.query(
                  "1",
                  Instant.EPOCH,
                  new ReadOptions(Consistency.LINEARIZABLE, Duration.ofMillis(200))))
          .isInstanceOf(ClusterUnavailable.class)
          .hasMessageContaining("cannot connect");
    }
  }

  @Test
  void remoteReadGivesTheBitsThatAreStored() throws Exception {
    TimeSeries stored =
        new TimeSeries(
            Map.of("__name__", "up", "x", "y"),
            List.of(
                Sample.of(1000, 0.0),
                new Sample(2000, Sample.STALE_BITS),
                new Sample(3000, 0x7ff8000000000001L),
                Sample.of(0, -0.0)));
    one.then(exchange -> StubNode.send(exchange, 200, readResponse(stored, stored)));
    ReadQuery query =
        new ReadQuery(-7, 9, List.of(Matcher.regex("__name__", ".+"), Matcher.equal("x", "y")));
    try (RaftTsdbClient client = client(one.address())) {
      assertThat(client.remoteRead(query, STALE).series()).containsExactly(stored, stored);
    }
    assertThat(one.asked().get(0).uri()).hasToString("/api/v1/read?consistency=stale");
    byte[] body = one.asked().get(0).body().toByteArray();
    byte[] message = new byte[256];
    int length =
        new SnappyJavaDecompressor().decompress(body, 0, body.length, message, 0, message.length);
    assertThat(UnknownFieldSet.parseFrom(Arrays.copyOf(message, length)))
        .hasToString(
            """
            1: {
              1: 18446744073709551609
              2: 9
              3: {
                1: 2
                2: "__name__"
                3: ".+"
              }
              3: {
                1: 0
                2: "x"
                3: "y"
              }
            }
            """);
  }

  @Test
  void anAnswerThatIsNoSnappyBlockIsAnError() throws Exception {
    one.then(200, "this is no snappy block");
    try (RaftTsdbClient client = client(one.address())) {
      assertThatThrownBy(() -> client.remoteRead(new ReadQuery(0, 1, List.of()), STALE))
          .isInstanceOf(IOException.class);
    }
  }

  /** Series of a write request and of a result are the same message, under the same number. */
  private static byte[] readResponse(TimeSeries... series) {
    byte[] body = RemoteWriteRequest.of(List.of(series)).body();
    byte[] result = new byte[1024];
    int length =
        new SnappyJavaDecompressor().decompress(body, 0, body.length, result, 0, result.length);
    UnknownFieldSet response =
        UnknownFieldSet.newBuilder()
            .addField(
                1,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFrom(result, 0, length))
                    .build())
            .build();
    return RemoteWriteRequest.compress(response.toByteArray());
  }

  private static List<String> form(StubNode.Asked asked) {
    return Arrays.stream(asked.body().toStringUtf8().split("&"))
        .map(field -> URLDecoder.decode(field, UTF_8))
        .toList();
  }

  private static RaftTsdbClient client(URI... nodes) {
    return new RaftTsdbClient(
        new ClientOptions(
            List.of(nodes), Duration.ofSeconds(10), Duration.ofMillis(1), Duration.ofMillis(4)));
  }

  /** An address where nobody listens: the port was free just now. */
  private static URI goneNode() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package io.rafttsdb.node.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpServerTest {
  private static final HttpLimits SMALL = limits(8, 4000, Duration.ofSeconds(30));

  private final List<HttpListener.Exchange> heard = new CopyOnWriteArrayList<>();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final Semaphore permits = new Semaphore(0);
  private final AtomicInteger bodiesStreamed = new AtomicInteger();
  private @Nullable HttpServer started;

  @TempDir Path directory;

  private static HttpLimits limits(int connections, int bodyBytesInFlight, Duration idle) {
    return new HttpLimits(connections, 4, bodyBytesInFlight, 1000, 1024, 2048, idle);
  }

  private RawClient start(HttpLimits limits) throws IOException {
    Router router =
        Router.builder()
            .get("/hello", request -> HttpReply.text(200, "hello"))
            .get("/-/healthy", request -> HttpReply.text(200, "healthy"))
            .getOrPost("/echo", HttpServerTest::echo)
            .get("/api/v1/label/{name}/values", HttpServerTest::segment)
            .get("/wait", this::waitForPermit)
            .get("/fail", HttpServerTest::fail)
            .get("/big", request -> HttpReply.text(200, "x".repeat(100_000)))
            .get("/stream", this::stream)
            .get("/file", request -> HttpReply.file(file()))
            .build();
    started =
        HttpServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), router, limits, heard::add);
    return client();
  }

  private HttpServer server() {
    HttpServer server = started;
    if (server == null) {
      throw new IllegalStateException("not started");
    }
    return server;
  }

  private RawClient client() throws IOException {
    return new RawClient(server().address());
  }

  @AfterEach
  void close() {
    permits.release(1000);
    server().close();
  }

  private static HttpReply echo(HttpRequest request) {
    String text = request.method() + " " + request.parameters() + " " + request.body().length;
    return HttpReply.text(200, text);
  }

  private static HttpReply segment(HttpRequest request) {
    return HttpReply.text(200, request.segment("name"));
  }

  private HttpReply waitForPermit(HttpRequest request) throws InterruptedException {
    entered.countDown();
    permits.acquire();
    return HttpReply.text(200, "waited at " + request.path());
  }

  private static HttpReply fail(HttpRequest request) {
    throw new IllegalStateException(request.path() + " is out of order");
  }

  private HttpReply stream(HttpRequest request) {
    int lines = Integer.parseInt(request.parameterValues("lines").getFirst());
    boolean broken = request.parameter("broken") != null;
    return HttpReply.streamed(
        200,
        HttpReply.JSON,
        out -> {
          for (int i = 0; i < lines; i++) {
            out.write(("line " + i + "\n").getBytes(UTF_8));
          }
          if (broken) {
            throw new IOException("the source broke");
          }
          bodiesStreamed.incrementAndGet();
        });
  }

  private static String lines(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("line ").append(i).append('\n');
    }
    return text.toString();
  }

  private FileChannel file() throws IOException {
    Path path = directory.resolve("image");
    Files.write(path, "image".repeat(100_000).getBytes(UTF_8));
    return FileChannel.open(path, StandardOpenOption.READ);
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }

  private static String post(String path, String headers, String body) {
    String length = "Content-Length: " + body.length() + "\r\n\r\n";
    return "POST " + path + " HTTP/1.1\r\nHost: a\r\n" + headers + length + body;
  }

  @Test
  void oneConnectionServesManyRequests() throws IOException {
    try (RawClient client = start(HttpLimits.DEFAULT)) {
      for (int i = 0; i < 3; i++) {
        RawClient.Reply reply = client.send(get("/hello")).reply();
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text()).isEqualTo("hello\n");
        assertThat(reply.headers()).containsEntry("content-type", "text/plain; charset=utf-8");
      }
    }
    await().until(() -> heard.size() == 3);
    assertThat(heard.getFirst().route()).isEqualTo("/hello");
    assertThat(heard.getFirst().status()).isEqualTo(200);
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrder() throws IOException {
    try (RawClient client = start(HttpLimits.DEFAULT)) {
      client.send(
          get("/wait") + post("/echo?a=1", "", "abc") + get("/hello") + get("/stream?lines=20000"));
      permits.release();
      assertThat(client.reply().text()).isEqualTo("waited at /wait\n");
      assertThat(client.reply().text()).isEqualTo("POST {a=[1]} 3\n");
      assertThat(client.reply().text()).isEqualTo("hello\n");
      assertThat(client.reply().text()).isEqualTo(lines(20_000));
    }
  }

  @Test
  void aFormBodyJoinsTheUrlAndComesFirst() throws IOException {
    String form = "Content-Type: application/x-www-form-urlencoded\r\n";
    try (RawClient client = start(HttpLimits.DEFAULT)) {
      String sent = post("/echo?query=url&b=%7B%22x%22%7D", form, "query=sum+by+(a;b)&match[]=x");
      assertThat(client.send(sent).reply().text())
          .isEqualTo("POST {query=[sum by (a;b), url], match[]=[x], b=[{\"x\"}]} 28\n");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/label/job/values, job",
    "/api/v1/label/a%2Fb/values, a/b",
    "/api/v1/label/a+b%20c/values, a+b c",
  })
  void aNamedSegmentIsDecoded(String path, String name) throws IOException {
    try (RawClient client = start(HttpLimits.DEFAULT)) {
      assertThat(client.send(get(path)).reply().text()).isEqualTo(name + "\n");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET,     /nothing,                   404, ",
    "GET,     /api/v1/label//values,      404, ",
    "GET,     /hello/,                    404, ",
    "POST,    /hello,                     405, 'GET, HEAD, OPTIONS'",
    "DELETE,  /echo,                      405, 'GET, HEAD, OPTIONS, POST'",
    "OPTIONS, /echo,                      204, 'GET, HEAD, OPTIONS, POST'",
    "OPTIONS, /nothing,                   404, ",
    "GET,     /echo?a=%zz,                400, ",
    "GET,     /api/v1/label/%zz/values,   400, ",
    "GET,     /fail,                      500, ",
  })
  void whatNoHandlerAnswersHasItsStatus(
      String method, String path, int status, @Nullable String allow) throws IOException {
    try (RawClient client = start(HttpLimits.DEFAULT)) {
      RawClient.Reply reply =
          client.send(method + " " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").reply();
      assertThat(reply.status()).isEqualTo(status);
      assertThat(reply.headers().get("allow")).isEqualTo(allow);
      // The connection lives on.
      assertThat(client.send(get("/hello")).reply().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource({"/hello, 6", "/file, 500000", "/big, 100001"})
  void headHasTheHeadersOfGetAndNoBody(String path, String length) throws IOException {
    try (RawClient client = start(HttpLimits.DEFAULT)) {
      client.send("HEAD " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.head().headers()).containsEntry("content-length", length);
      assertThat(client.send(get("/hello")).reply().text()).isEqualTo("hello\n");
    }
  }

  @Test
  void originIsAnsweredAsPrometheusDoes() throws IOException {
    try (RawClient client = start(HttpLimits.DEFAULT)) {
      String request = "GET /api/v1/label/a/values HTTP/1.1\r\nHost: a\r\nOrigin: http://x\r\n\r\n";
      assertThat(client.send(request).reply().headers())
          .containsEntry("access-control-allow-origin", "*")
          .containsEntry("vary", "Origin");
      assertThat(client.send(get("/api/v1/label/a/values")).reply().headers())
          .doesNotContainKey("access-control-allow-origin");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/big, gzip, true",
    "/big, 'deflate, GZIP;q=0.5', true",
    "/big, gzip;q=0, false",
    "/big, br, false",
    "/hello, gzip, false",
    "/stream?lines=20000, gzip, true",
    "/stream?lines=1, gzip, false",
    "/file, gzip, false",
  })
  void bodiesAreCompressedForThoseWhoTakeIt(String path, String accepted, boolean compressed)
      throws IOException {
    try (RawClient client = start(HttpLimits.DEFAULT)) {
      byte[] plain = client.send(get(path)).reply().body();
      String header = "Accept-Encoding: " + accepted + "\r\n";
      RawClient.Reply reply =
          client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + header + "\r\n").reply();
      assertThat("gzip".equals(reply.headers().get("content-encoding"))).isEqualTo(compressed);
      byte[] body =
          compressed
              ? new GZIPInputStream(new ByteArrayInputStream(reply.body())).readAllBytes()
              : reply.body();
      assertThat(body).isEqualTo(plain);
    }
  }

  @Test
  void aFileIsSentWhole() throws IOException {
    try (RawClient client = start(HttpLimits.DEFAULT)) {
      assertThat(client.send(get("/file")).reply().text()).isEqualTo("image".repeat(100_000));
      assertThat(client.send(get("/hello")).reply().text()).isEqualTo("hello\n");
    }
  }

  @Test
  void aStreamThatBreaksEarlyIs500AndLaterCutsTheConnection() throws IOException {
    try (RawClient client = start(HttpLimits.DEFAULT)) {
      assertThat(client.send(get("/stream?lines=3&broken")).reply().status()).isEqualTo(500);
      assertThatThrownBy(() -> client.send(get("/stream?lines=20000&broken")).reply())
          .isInstanceOf(EOFException.class);
    }
  }

  @Test
  void aSlowClientHoldsBackTheWriter() throws IOException {
    try (RawClient client = start(HttpLimits.DEFAULT)) {
      client.send(get("/stream?lines=5000000"));
      await().until(() -> server().requestsInFlight() == 1);
      assertThat(bodiesStreamed).hasValue(0); // 60 MB do not fit the sockets' buffers
      assertThat(client.reply().body().length).isEqualTo(lines(5_000_000).length());
      assertThat(bodiesStreamed).hasValue(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 1001", "Transfer-Encoding: chunked"})
  void aBodyBeyondTheLimitIsRefusedBeforeItIsRead(String header) throws IOException {
    try (RawClient client = start(SMALL)) {
      client.send("POST /echo HTTP/1.1\r\nHost: a\r\n" + header + "\r\n\r\n");
      if (header.startsWith("Transfer")) {
        client.send("3E9\r\n" + "x".repeat(1001) + "\r\n"); // and no last chunk
      }
      RawClient.Reply reply = client.reply();
      assertThat(reply.status()).isEqualTo(413);
      assertThat(reply.headers()).containsEntry("connection", "close");
      assertThat(reply.text()).contains("at most 1000 bytes");
    }
    assertThat(server().bodyBytesInFlight()).isZero();
  }

  @Test
  void aBodyOfExactlyTheLimitIsTaken() throws IOException {
    try (RawClient client = start(SMALL)) {
      assertThat(client.send(post("/echo", "", "x".repeat(1000))).reply().text())
          .isEqualTo("POST {} 1000\n");
      String half = "1f4\r\n" + "x".repeat(500) + "\r\n";
      String chunked = "Transfer-Encoding: chunked\r\n\r\n" + half + half + "0\r\n\r\n";
      assertThat(client.send("POST /echo HTTP/1.1\r\nHost: a\r\n" + chunked).reply().text())
          .isEqualTo("POST {} 1000\n");
    }
    await().until(() -> server().bodyBytesInFlight() == 0 && server().requestsInFlight() == 0);
  }

  @Test
  void aClientThatAsksFirstIsToldToContinueOrNot() throws IOException {
    try (RawClient client = start(SMALL)) {
      String head = "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ";
      assertThat(client.send(head + "3\r\n\r\n").reply().status()).isEqualTo(100);
      assertThat(client.send("abc").reply().status()).isEqualTo(200);
      assertThat(client.send(head + "5000\r\n\r\n").reply().status()).isEqualTo(413);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 2000, 414", "2, 4000, 431", "3, 1, 400"})
  void malformedHeadsAreRefused(int kind, int length, int status) throws IOException {
    try (RawClient client = start(SMALL)) {
      String filler = "x".repeat(length);
      client.send(
          switch (kind) {
            case 1 -> get("/" + filler);
            case 2 -> "GET /hello HTTP/1.1\r\nHost: a\r\nLong: " + filler + "\r\n\r\n";
            default -> "GET /hello HTTP/1.1\r\nHo\u0001st: a\r\n\r\n";
          });
      assertThat(client.reply().status()).isEqualTo(status);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void requestsBeyondTheLimitAreToldToComeAgainButProbesAreAnswered() throws IOException {
    List<RawClient> waiting = new ArrayList<>(List.of(start(SMALL), client(), client(), client()));
    for (RawClient client : waiting) {
      client.send(get("/wait"));
    }
    await().until(() -> server().requestsInFlight() == 4);
    try (RawClient client = client()) {
      assertThat(client.send(get("/-/healthy")).reply().status()).isEqualTo(200);
      RawClient.Reply reply = client.send(post("/echo", "", "x".repeat(900))).reply();
      assertThat(reply.status()).isEqualTo(503);
      assertThat(reply.headers()).containsEntry("retry-after", "1");
    }
    permits.release(4);
    for (RawClient client : waiting) {
      assertThat(client.reply().text()).isEqualTo("waited at /wait\n");
      client.close();
    }
    await().until(() -> server().requestsInFlight() == 0);
  }

  @Test
  void bodiesBeyondTheLimitOfAllTogetherAreToldToComeAgain() throws IOException {
    try (RawClient half = start(limits(8, 1000, Duration.ofSeconds(30)));
        RawClient other = client()) {
      half.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 600\r\n\r\n" + "x".repeat(500));
      await().until(() -> server().bodyBytesInFlight() == 500);
      RawClient.Reply reply = other.send(post("/echo", "", "x".repeat(900))).reply();
      assertThat(reply.status()).isEqualTo(503);
      assertThat(half.send("x".repeat(100)).reply().status()).isEqualTo(200);
    }
    await().until(() -> server().bodyBytesInFlight() == 0);
  }

  @Test
  void aClientThatLeavesGivesBackWhatItHeld() throws IOException {
    try (RawClient client = start(SMALL)) {
      client.send(
          "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 600\r\n\r\n" + "x".repeat(500));
      await().until(() -> server().bodyBytesInFlight() == 500);
    }
    await().until(() -> server().bodyBytesInFlight() == 0 && server().requestsInFlight() == 0);
  }

  @Test
  void connectionsThatStandStillAreClosedUnlessAHandlerRuns() throws Exception {
    // Long enough for a busy machine to read the request before the connection counts as idle.
    try (RawClient idle = start(limits(8, 4000, Duration.ofSeconds(1)));
        RawClient half = client();
        RawClient running = client()) {
      running.send(get("/wait"));
      entered.await();
      half.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 600\r\n\r\n");
      assertThat(idle.isClosed()).isTrue();
      assertThat(half.isClosed()).isTrue();
      permits.release();
      // Its answer may begin at the very moment at which it counts as idle.
      assertThat(running.reply().text()).isEqualTo("waited at /wait\n");
    }
  }

  @Test
  void connectionsBeyondTheLimitAreClosed() throws IOException {
    try (RawClient first = start(limits(2, 4000, Duration.ofSeconds(30)));
        RawClient second = client()) {
      assertThat(first.send(get("/hello")).reply().status()).isEqualTo(200);
      assertThat(second.send(get("/hello")).reply().status()).isEqualTo(200);
      try (RawClient third = client()) {
        assertThat(third.isClosed()).isTrue();
      }
    }
  }

  @Test
  void closingLetsRunningRequestsEnd() throws Exception {
    try (RawClient idle = start(HttpLimits.DEFAULT);
        RawClient running = client()) {
      running.send(get("/wait"));
      entered.await();
      Thread closing = Thread.ofVirtual().start(() -> server().close(Duration.ofSeconds(20)));
      assertThat(idle.isClosed()).isTrue();
      permits.release();
      assertThat(running.reply().text()).isEqualTo("waited at /wait\n");
      assertThat(running.isClosed()).isTrue();
      closing.join();
      assertThatThrownBy(this::client).isInstanceOf(IOException.class);
    }
  }

  @Test
  void closingInterruptsWhatRunsTooLong() throws Exception {
    try (RawClient running = start(HttpLimits.DEFAULT)) {
      running.send(get("/wait"));
      entered.await();
      server().close(Duration.ofMillis(1));
      await().until(() -> server().requestsInFlight() == 0);
      assertThat(running.isClosed()).isTrue();
    }
  }

  @Test
  void anAddressInUseIsNamed() throws IOException {
    try (RawClient client = start(HttpLimits.DEFAULT)) {
      assertThat(client.send(get("/hello")).reply().status()).isEqualTo(200);
      InetSocketAddress taken = server().address();
      Router router = Router.builder().build();
      assertThatThrownBy(
              () -> HttpServer.start(taken, router, HttpLimits.DEFAULT, HttpListener.NONE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("can't listen on")
          .hasMessageContaining(String.valueOf(taken.getPort()));
    }
  }
}

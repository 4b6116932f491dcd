package io.rafttsdb.jepsen;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * Something live to scrape: counters that reset, gauges, values at the edges of a float, series
 * that come and go or are there once, and now and then a scrape that fails, so that stale markers
 * occur in every way.
 */
final class LiveTarget implements AutoCloseable {

  private static final int COUNTERS = 20;
  private static final int FLAPPING = 5;
  private static final int FAILS_EVERY = 17;
  private static final Duration SCRAPES_MAX = Duration.ofSeconds(90);

  private final SplittableRandom random;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger scrapes = new AtomicInteger();
  private final long[] counters = new long[COUNTERS];

  LiveTarget(long seed) throws IOException {
    random = new SplittableRandom(seed);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/metrics", this::handle);
    server.start();
  }

  /** As a target of a scrape configuration. */
  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Waits until it has been scraped so many times more. */
  void awaitScrapes(int more) {
    int before = scrapes.get();
    Awaitility.await(more + " scrapes")
        .atMost(SCRAPES_MAX)
        .until(() -> scrapes.get() >= before + more);
  }

  private void handle(HttpExchange exchange) throws IOException {
    int scrape = scrapes.incrementAndGet();
    byte[] body = page(scrape).getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    exchange.sendResponseHeaders(scrape % FAILS_EVERY == 0 ? 500 : 200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private synchronized String page(int scrape) {
    StringBuilder page = new StringBuilder();
    for (int c = 0; c < COUNTERS; c++) {
      counters[c] = random.nextInt(50) == 0 ? 0 : counters[c] + random.nextInt(1000);
      line(page, "live_requests_total{path=\"/" + c + "\"}", Long.toString(counters[c]));
      line(page, "live_load{cpu=\"" + c + "\"}", Double.toString(random.nextDouble() * 8));
    }
    line(page, "live_edge{kind=\"nan\"}", "NaN");
    line(page, "live_edge{kind=\"infinite\"}", scrape % 2 == 0 ? "+Inf" : "-Inf");
    line(page, "live_edge{kind=\"smallest\"}", "4.9e-324");
    line(page, "live_edge{kind=\"largest\"}", "1.7976931348623157e308");
    line(page, "live_edge{kind=\"zero\"}", scrape % 2 == 0 ? "-0" : "0");
    line(page, "live_edge{kind=\"text\",text=\"Grüße, \\\"a\\\\b\\\"\\n\"}", "1");
    for (int f = 0; f < FLAPPING; f++) {
      if (scrape / (f + 2) % 2 == 0) {
        line(page, "live_flapping{slot=\"" + f + "\"}", Integer.toString(scrape));
      }
    }
    line(page, "live_once{scrape=\"" + scrape + "\"}", "1");
    return page.toString();
  }

  private static void line(StringBuilder page, String series, String value) {
    page.append(series).append(' ').append(value).append('\n');
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}

package io.rafttsdb.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request to one node after the other until one answers for good. Statuses 5xx and 429 and
 * failed connections are no answer for good. For any number of threads.
 */
final class NodeCalls implements AutoCloseable {

  /** Largest answer taken, compressed or not; a larger one is an error that says so. */
  static final int RESPONSE_BYTES_MAX = 512 * 1024 * 1024;

  private static final Duration CONNECT_TIMEOUT_MAX = Duration.ofSeconds(3);
  private static final Duration RETRY_AFTER_MAX = Duration.ofSeconds(30);
  private static final int ERROR_TEXT_MAX = 500;

  private final ClientOptions options;
  private final Supplier<RandomGenerator> random;
  private final HttpClient http;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger preferred = new AtomicInteger();

  NodeCalls(ClientOptions options, Supplier<RandomGenerator> random) {
    this.options = options;
    this.random = random;
    Duration attempt = options.attemptTimeout();
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(
                attempt.compareTo(CONNECT_TIMEOUT_MAX) < 0 ? attempt : CONNECT_TIMEOUT_MAX)
            .build();
  }

  /**
   * How a call ended.
   *
   * @param response the answer for good, or null where none came in time
   * @param doubt whether an attempt before may have had its effect although it was not answered
   * @param lastError what the last attempt met, empty where the first one was answered
   */
  record Ended(@Nullable HttpResponse<byte[]> response, boolean doubt, String lastError) {}

  /**
   * @param request the request to a node at the given address, without a time-out
   * @throws IllegalStateException where the client is or gets closed
   */
  Ended call(Function<URI, HttpRequest.Builder> request, Duration deadline)
      throws InterruptedException {
    long start = System.nanoTime();
    long deadlineNanos = deadline.toNanos();
    int first = preferred.get();
    NodeRotation rotation = new NodeRotation(options, first, start, random.get());
    boolean doubt = false;
    String lastError = "no attempt within " + deadline;
    while (true) {
      int node = rotation.next();
      long now = System.nanoTime();
      long rest = rotation.restNanos(node, now);
      long left = deadlineNanos - (now - start) - rest;
      if (left <= 0) {
        return new Ended(null, doubt, lastError);
      }
      if (closed.await(rest, TimeUnit.NANOSECONDS)) {
        throw new IllegalStateException("the client is closed");
      }
      URI address = options.nodes().get(node);
      Duration retryAfter = Duration.ZERO;
      try {
        HttpResponse<byte[]> response =
            http.send(
                request.apply(address).timeout(attemptTimeout(left)).build(),
                BodyHandlers.limiting(BodyHandlers.ofByteArray(), RESPONSE_BYTES_MAX));
        if (!mayRetry(response.statusCode())) {
          preferred.compareAndSet(first, node);
          return new Ended(response, doubt, lastError);
        }
        doubt = true;
        retryAfter = retryAfter(response);
        lastError = address + ": HTTP status " + response.statusCode() + ": " + text(response);
      } catch (ConnectException | HttpConnectTimeoutException e) {
        lastError = address + ": cannot connect: " + e.getMessage();
      } catch (IOException e) {
        doubt = true;
        lastError = address + ": " + e;
      }
      rotation.failed(node, System.nanoTime(), retryAfter);
    }
  }

  /** The text of an error answer, shortened. */
  static String text(HttpResponse<byte[]> response) {
    String text = new String(response.body(), StandardCharsets.UTF_8).strip();
    return text.length() <= ERROR_TEXT_MAX ? text : text.substring(0, ERROR_TEXT_MAX) + "...";
  }

  /** Ends waiting calls with an IllegalStateException and running ones with an error. */
  @Override
  public void close() {
    closed.countDown();
    http.shutdownNow();
  }

  private Duration attemptTimeout(long leftNanos) {
    return Duration.ofNanos(Math.min(leftNanos, options.attemptTimeout().toNanos()));
  }

  private static boolean mayRetry(int status) {
    return status >= 500 || status == 429;
  }

  private static Duration retryAfter(HttpResponse<?> response) {
    try {
      Duration asked =
          Duration.ofSeconds(response.headers().firstValueAsLong("Retry-After").orElse(0));
      return asked.isNegative() || asked.compareTo(RETRY_AFTER_MAX) > 0 ? RETRY_AFTER_MAX : asked;
    } catch (NumberFormatException e) {
      return Duration.ZERO; // a date: the back-off alone decides
    }
  }
}

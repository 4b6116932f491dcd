package io.rafttsdb.client;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A real HTTP server on loopback that answers from a script and remembers what it was asked. */
final class StubNode implements AutoCloseable {

  /** One answer of the script. */
  @FunctionalInterface
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  /** A request as it came. */
  record Asked(URI uri, String contentType, ByteString body) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Answer> script = new ArrayDeque<>();
  private final List<Asked> asked = new ArrayList<>();

  StubNode() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Adds an answer to the script; after its last one the server answers 500. */
  synchronized StubNode then(Answer answer) {
    script.add(answer);
    return this;
  }

  StubNode then(int status, String body) {
    return then(exchange -> send(exchange, status, body));
  }

  synchronized List<Asked> asked() {
    return List.copyOf(asked);
  }

  static void send(HttpExchange exchange, int status, String body) throws IOException {
    send(exchange, status, body.getBytes(StandardCharsets.UTF_8));
  }

  static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Ends the connection without an answer. */
  static void hangUp(HttpExchange exchange) {
    exchange.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    Answer answer;
    synchronized (this) {
      asked.add(
          new Asked(
              exchange.getRequestURI(),
              exchange.getRequestHeaders().getFirst("Content-Type"),
              ByteString.copyFrom(body)));
      answer = script.isEmpty() ? e -> send(e, 500, "the script is over") : script.remove();
    }
    answer.to(exchange);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}

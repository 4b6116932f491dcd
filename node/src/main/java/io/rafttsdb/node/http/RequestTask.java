package io.rafttsdb.node.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Handles one request that was read to its end, on a virtual thread of its own. */
final class RequestTask implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(RequestTask.class);

  private final ServerParts parts;
  private final Connection connection;
  private final Channel channel;
  private final io.netty.handler.codec.http.HttpRequest head;
  private final byte[] body;
  private final boolean counted;
  private volatile long replyingSinceNanos;
  private volatile boolean replying;
  private String route = Router.NO_ROUTE;

  RequestTask(
      ServerParts parts,
      Connection connection,
      Channel channel,
      io.netty.handler.codec.http.HttpRequest head,
      byte[] body,
      boolean counted) {
    this.parts = parts;
    this.connection = connection;
    this.channel = channel;
    this.head = head;
    this.body = body;
    this.counted = counted;
  }

  /**
   * Whether the handler has been through for so long, so that standing still is the client's fault.
   * Before that what a connection stood still was the handler's time.
   */
  boolean isReplyingFor(Duration time) {
    return replying && System.nanoTime() - replyingSinceNanos >= time.toNanos();
  }

  @Override
  public void run() {
    long start = System.nanoTime();
    boolean keepAlive = HttpUtil.isKeepAlive(head) && !parts.draining().get();
    String method = head.method().name();
    ReplySender sender = new ReplySender(channel, acceptsGzip(), method.equals("HEAD"), keepAlive);
    try {
      HttpReply reply = withCors(reply(method));
      replyingSinceNanos = System.nanoTime();
      replying = true;
      sender.send(reply);
    } catch (IOException e) {
      keepAlive = false;
      LOG.debug("answer to {} {} not sent: {}", method, head.uri(), e.toString());
    } catch (RuntimeException e) {
      keepAlive = false;
      LOG.error("answer to {} {} not sent", method, head.uri(), e);
    } finally {
      parts.admission().releaseBytes(body.length);
      if (counted) {
        parts.admission().releaseRequest();
      }
      long nanos = System.nanoTime() - start;
      parts
          .listener()
          .answered(new HttpListener.Exchange(route, method, sender.status(), nanos, body.length));
      finish(keepAlive);
    }
  }

  private void finish(boolean keepAlive) {
    ChannelHandlerContext context = channel.pipeline().context(connection);
    if (context == null) {
      return; // closed meanwhile
    }
    try {
      context.executor().execute(() -> connection.answered(context, keepAlive));
    } catch (RejectedExecutionException e) {
      LOG.debug("connection ended before the server did: {}", e.toString());
    }
  }

  private HttpReply reply(String method) {
    String uri = head.uri();
    int question = uri.indexOf('?');
    String path = question < 0 ? uri : uri.substring(0, question);
    String query = question < 0 ? "" : uri.substring(question + 1);
    try {
      return switch (parts.router().match(method, path)) {
        case Router.Match.Unknown() -> HttpReply.text(404, "404 page not found");
        case Router.Match.WrongMethod(String pattern, String allow) -> {
          route = pattern;
          HttpReply reply =
              method.equals("OPTIONS")
                  ? HttpReply.noContent()
                  : HttpReply.text(405, "Method Not Allowed");
          yield reply.withHeader("Allow", allow);
        }
        case Router.Match.Found(String pattern, HttpHandler handler, Map<String, String> names) -> {
          route = pattern;
          yield handle(handler, request(method, path, query, names));
        }
      };
    } catch (IllegalArgumentException e) {
      return HttpReply.text(400, "malformed request: " + e.getMessage());
    }
  }

  private HttpRequest request(
      String method, String path, String query, Map<String, String> segments) {
    Map<String, String> headers = new HashMap<>();
    for (Map.Entry<String, String> header : head.headers()) {
      headers.merge(
          header.getKey().toLowerCase(Locale.ROOT), header.getValue(), (a, b) -> a + ", " + b);
    }
    Map<String, List<String>> parameters = Parameters.of(query, headers.get("content-type"), body);
    String handled = method.equals("HEAD") ? "GET" : method;
    return new HttpRequest(handled, path, parameters, headers, segments, body);
  }

  @SuppressWarnings("CatchAndPrintStackTrace")
  private HttpReply handle(HttpHandler handler, HttpRequest request) {
    try {
      return handler.handle(request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return HttpReply.text(503, "the server is closing").withHeader("Retry-After", "1");
    } catch (Exception e) {
      LOG.error("{} {} failed", request.method(), request.path(), e);
      return HttpReply.text(500, e.toString());
    }
  }

  private boolean acceptsGzip() {
    String accepted = head.headers().get(HttpHeaderNames.ACCEPT_ENCODING);
    if (accepted == null) {
      return false;
    }
    for (String coding : accepted.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = coding.trim().split(";", 2);
      if (parts[0].trim().equals("gzip")) {
        return parts.length < 2 || !parts[1].trim().matches("q=0(\\.0*)?");
      }
    }
    return false;
  }

  /** As Prometheus answers a browser of another origin. */
  private HttpReply withCors(HttpReply reply) {
    if (!head.headers().contains(HttpHeaderNames.ORIGIN) || !head.uri().startsWith("/api/")) {
      return reply;
    }
    return reply
        .withHeader("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, Origin")
        .withHeader("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
        .withHeader("Access-Control-Allow-Origin", "*")
        .withHeader("Access-Control-Expose-Headers", "Date")
        .withHeader("Vary", "Origin");
  }
}

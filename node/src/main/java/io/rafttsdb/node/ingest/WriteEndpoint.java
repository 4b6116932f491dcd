package io.rafttsdb.node.ingest;

import com.codahale.metrics.Counter;
import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.node.monitor.Instruments;
import io.rafttsdb.node.query.ReadToken;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ReplicaFailure.NotLeader;
import io.rafttsdb.replica.ReplicaFailure.Overloaded;
import io.rafttsdb.replica.ReplicaFailure.TooLarge;
import io.rafttsdb.replica.ReplicaFailure.Unavailable;
import io.rafttsdb.replica.ShardReplica;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/v1/write}: remote write 1.0 on any node. Taken into the log where this node
 * leads, else forwarded unread to the leader.
 *
 * <p>204: all stored. 400: some refused, everything else stored. 413, 415: nothing stored, ever.
 * 503 with Retry-After: nothing known to be stored; the same request may be sent again. Never 429,
 * on which Prometheus drops a batch.
 */
public final class WriteEndpoint implements AutoCloseable {

  static final String PATH = "/api/v1/write";
  static final String RETRY_AFTER = "Retry-After";

  /**
   * Time that a request has: less than a sender waits for an answer, so that nothing is appended
   * once it has gone on. The Java client waits for 15 s, Prometheus for 30 s.
   */
  static final Duration DEADLINE = Duration.ofSeconds(12);

  private static final String RETRY_AFTER_S = "1";
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String PROTO_V1 = "prometheus.WriteRequest";

  private final ReplicaSlot slot;
  private final long headBytesMax;
  private final Supplier<String> refusal;
  private final LogWriter writer;
  private final LeaderForwarder forwarder = new LeaderForwarder();
  private final Instruments instruments;

  /**
   * An endpoint that writes into a node's replica.
   *
   * @param clock samples far beyond it are refused
   * @param headBytesMax bytes of the Head from which on no samples are taken
   * @param refusal why this node takes none for another reason while it leads; empty where it does
   */
  public WriteEndpoint(
      ReplicaSlot slot,
      InstantSource clock,
      long headBytesMax,
      Supplier<String> refusal,
      Instruments instruments) {
    this.slot = slot;
    this.headBytesMax = headBytesMax;
    this.refusal = refusal;
    this.writer = new LogWriter(clock, Math.max(4, 2 * Runtime.getRuntime().availableProcessors()));
    this.instruments = instruments;
  }

  public void register(Router.Builder router) {
    router.post(PATH, this::write);
  }

  /**
   * Writes what this node itself has to say, as a client would.
   *
   * @param body of a remote write request 1.0
   * @return empty where all of it is stored, else what the answer says
   */
  public String write(byte[] body) throws InterruptedException {
    HttpReply reply = write(body, DEADLINE, Map.of(), false);
    if (reply.status() / 100 == 2) {
      return "";
    }
    String text = reply.body() instanceof HttpReply.Bytes(byte[] bytes) ? text(bytes) : "";
    return reply.status() + " " + text;
  }

  private HttpReply write(HttpRequest request) throws InterruptedException {
    try {
      checkProtocol(request);
    } catch (BadRequest e) {
      return HttpReply.text(e.status(), String.valueOf(e.getMessage()));
    }
    String left = request.header(LeaderForwarder.LEFT_HEADER);
    HttpReply reply =
        write(request.body(), left == null ? DEADLINE : left(left), headers(request), left != null);
    count("raft_tsdb_write_requests_total", "Write requests by status.", reply.status());
    return reply;
  }

  private static void checkProtocol(HttpRequest request) throws BadRequest {
    String encoding = request.header("content-encoding");
    if (encoding != null && !encoding.trim().equalsIgnoreCase("snappy")) {
      throw BadRequest.unsupported("expected Content-Encoding snappy, got " + encoding);
    }
    String type = request.header("content-type");
    if (type == null || type.isBlank()) {
      return; // as Prometheus takes it
    }
    String[] parts = type.split(";", -1);
    boolean supported = parts[0].trim().toLowerCase(Locale.ROOT).equals(PROTOBUF);
    for (int i = 1; i < parts.length && supported; i++) {
      String[] pair = parts[i].trim().split("=", 2);
      if (pair[0].trim().equalsIgnoreCase("proto")) {
        supported = pair.length == 2 && pair[1].trim().equals(PROTO_V1);
      }
    }
    if (!supported) {
      throw BadRequest.unsupported(
          "expected Content-Type " + PROTOBUF + " of remote write 1.0, got " + type);
    }
  }

  private static Duration left(String header) {
    try {
      long millis = Long.parseLong(header);
      return Duration.ofMillis(Math.clamp(millis, 0, DEADLINE.toMillis()));
    } catch (NumberFormatException e) {
      return Duration.ZERO; // sent by nobody that may
    }
  }

  private static Map<String, String> headers(HttpRequest request) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String name : new String[] {"Content-Type", "Content-Encoding"}) {
      String value = request.header(name);
      if (value != null) {
        headers.put(name, value);
      }
    }
    return headers;
  }

  private HttpReply write(
      byte[] body, Duration left, Map<String, String> headers, boolean isForwarded)
      throws InterruptedException {
    ShardReplica replica = slot.replica().orElse(null);
    if (replica == null) {
      return unavailable("this node is not ready: " + slot.notReadyReason());
    }
    long deadlineNanos = System.nanoTime() + left.toNanos();
    if (!replica.isLeader()) {
      return forward(replica.leader(), body, left, headers, isForwarded);
    }
    String refused = refusal.get();
    if (!refused.isEmpty()) {
      return unavailable(refused);
    }
    long headBytes = replica.storage().stats().bytes();
    if (headBytes >= headBytesMax) {
      return unavailable(
          "the Head takes "
              + headBytes
              + " bytes, and storage.head-bytes-max is "
              + headBytesMax
              + ": give the nodes more memory");
    }
    try {
      Refusals refusals = writer.write(body, replica, deadlineNanos);
      HttpReply reply =
          refusals.isEmpty() ? HttpReply.noContent() : HttpReply.text(400, refusals.text());
      // Not before the write's own entry, which was applied here.
      long index = replica.storage().publishedIndex();
      return reply.withHeader(
          ReadToken.HEADER, new ReadToken(replica.clusterId(), index).toString());
    } catch (BadRequest e) {
      return HttpReply.text(e.status(), String.valueOf(e.getMessage()));
    } catch (ReplicaFailure e) {
      return switch (e) {
        case NotLeader notLeader -> {
          long rest = deadlineNanos - System.nanoTime();
          yield forward(
              notLeader.leader(), body, Duration.ofNanos(Math.max(0, rest)), headers, isForwarded);
        }
        case TooLarge tooLarge -> HttpReply.text(413, String.valueOf(tooLarge.getMessage()));
        case Unavailable unavailable -> unavailable(String.valueOf(unavailable.getMessage()));
        case Overloaded overloaded -> unavailable(String.valueOf(overloaded.getMessage()));
      };
    } catch (TimeoutException e) {
      return unavailable(String.valueOf(e.getMessage()));
    }
  }

  private HttpReply forward(
      @Nullable Member leader,
      byte[] body,
      Duration left,
      Map<String, String> headers,
      boolean isForwarded)
      throws InterruptedException {
    if (leader == null) {
      return unavailable("no leader is known");
    }
    if (isForwarded) {
      return unavailable("this node does not lead any more, the leader is " + leader.name());
    }
    if (left.isZero()) {
      return unavailable("the request's time is over");
    }
    forwarded().inc();
    return forwarder.forward(leader.httpAddress(), headers, body, left);
  }

  static HttpReply unavailable(String reason) {
    return HttpReply.text(503, reason).withHeader(RETRY_AFTER, RETRY_AFTER_S);
  }

  private Counter forwarded() {
    return instruments.counter(
        "raft_tsdb_write_forwarded_total", "Write requests sent on to the leader.");
  }

  private void count(String name, String help, int status) {
    instruments.counter(name, help, "status", Integer.toString(status)).inc();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, java.nio.charset.StandardCharsets.UTF_8).strip();
  }

  /** Ends requests that are being forwarded. */
  @Override
  public void close() {
    forwarder.close();
  }
}

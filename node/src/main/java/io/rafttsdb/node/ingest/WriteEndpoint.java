package io.rafttsdb.node.ingest;

import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.node.ingest.RequestSplitter.Part;
import io.rafttsdb.node.ingest.ShardWriter.Write;
import io.rafttsdb.node.monitor.Instruments;
import io.rafttsdb.replica.ShardReplica;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/v1/write}: remote write 1.0 on any node. Taken into the log where this node
 * leads, else forwarded unread to the leader; of several shards each gets its part.
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
  private static final Map<String, String> FORWARDED_HEADERS =
      Map.of("Content-Type", PROTOBUF, "Content-Encoding", "snappy");

  private final ReplicaSlot slot;
  private final LogWriter logWriter;
  private final ShardWriter writer;
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
    this.logWriter =
        new LogWriter(clock, Math.max(4, 2 * Runtime.getRuntime().availableProcessors()));
    this.writer = new ShardWriter(slot, logWriter, headBytesMax, refusal, instruments);
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
    HttpReply reply = write(body, DEADLINE, Map.of(), null);
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
        write(
            request.body(),
            left == null ? DEADLINE : left(left),
            headers(request),
            left == null ? null : shard(request));
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

  private static int shard(HttpRequest request) {
    String shard = request.header(LeaderForwarder.SHARD_HEADER);
    try {
      return shard == null ? 0 : Integer.parseInt(shard);
    } catch (NumberFormatException e) {
      return -1; // sent by nobody that may
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
      byte[] body, Duration left, Map<String, String> headers, @Nullable Integer forwardedShard)
      throws InterruptedException {
    List<ShardReplica> shards = slot.shards();
    if (shards.isEmpty()) {
      return unavailable("this node is not ready: " + slot.notReadyReason());
    }
    long deadlineNanos = System.nanoTime() + left.toNanos();
    if (forwardedShard == null && shards.size() > 1) {
      return writeParts(body, shards, deadlineNanos);
    }
    int shard = forwardedShard == null ? 0 : forwardedShard;
    if (shard < 0 || shard >= shards.size()) {
      return HttpReply.text(400, "the cluster has no shard " + shard);
    }
    return writer.write(
        new Write(RequestBody.snappy(body), () -> body, headers, forwardedShard != null),
        shards.get(shard),
        deadlineNanos);
  }

  /** Each shard's part at the same time, the last one on this thread. */
  private HttpReply writeParts(byte[] body, List<ShardReplica> shards, long deadlineNanos)
      throws InterruptedException {
    List<Part> parts;
    try {
      parts = logWriter.split(body, shards.size(), deadlineNanos);
    } catch (BadRequest e) {
      return HttpReply.text(e.status(), String.valueOf(e.getMessage()));
    } catch (TimeoutException e) {
      return unavailable(String.valueOf(e.getMessage()));
    }
    if (parts.isEmpty()) {
      return HttpReply.noContent();
    }
    List<FutureTask<HttpReply>> tasks = new ArrayList<>();
    for (Part part : parts) {
      ShardReplica shard = shards.get(part.shard());
      tasks.add(new FutureTask<>(() -> writer.write(write(part), shard, deadlineNanos)));
    }
    tasks.subList(1, tasks.size()).forEach(Thread.ofVirtual().name("write-part")::start);
    tasks.getFirst().run();
    List<HttpReply> replies = new ArrayList<>();
    try {
      for (FutureTask<HttpReply> task : tasks) {
        replies.add(task.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("writing a part failed in an unknown way", e.getCause());
    } finally {
      tasks.forEach(task -> task.cancel(true));
    }
    return JoinedReply.of(shards.getFirst().clusterId(), replies);
  }

  private static Write write(Part part) {
    return new Write(
        new RequestBody(part.message(), RequestBody.Form.PLAIN),
        part::compressed,
        FORWARDED_HEADERS,
        false);
  }

  static HttpReply unavailable(String reason) {
    return HttpReply.text(503, reason).withHeader(RETRY_AFTER, RETRY_AFTER_S);
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
    writer.close();
  }
}

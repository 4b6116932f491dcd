package io.rafttsdb.node.ingest;

import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.http.HttpReply;
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
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes what belongs to one shard: into the log where this node leads the shard, else by the HTTP
 * port of the one that does. On any thread.
 */
final class ShardWriter implements AutoCloseable {

  private final ReplicaSlot slot;
  private final long headBytesMax;
  private final Supplier<String> refusal;
  private final LogWriter writer;
  private final LeaderForwarder forwarder = new LeaderForwarder();
  private final Instruments instruments;

  /**
   * A writer into a node's replicas.
   *
   * @param headBytesMax bytes of the Heads of all shards from which on no samples are taken
   * @param refusal why this node takes none for another reason where it leads; empty where it does
   */
  ShardWriter(
      ReplicaSlot slot,
      LogWriter writer,
      long headBytesMax,
      Supplier<String> refusal,
      Instruments instruments) {
    this.slot = slot;
    this.writer = writer;
    this.headBytesMax = headBytesMax;
    this.refusal = refusal;
    this.instruments = instruments;
  }

  /**
   * What is to be written.
   *
   * @param body in the form that the log takes
   * @param forwarded the same as another node takes it, made where it is needed
   * @param headers that tell the other node what it is
   * @param isForwarded whether another node has sent it here, so that it goes no further
   */
  record Write(
      RequestBody body,
      Supplier<byte[]> forwarded,
      Map<String, String> headers,
      boolean isForwarded) {}

  /**
   * Writes.
   *
   * @param deadlineNanos by System.nanoTime; later nothing is appended any more
   */
  HttpReply write(Write write, ShardReplica replica, long deadlineNanos)
      throws InterruptedException {
    if (!replica.isLeader()) {
      return forward(write, replica, replica.leader(), deadlineNanos);
    }
    String refused = refusal();
    if (!refused.isEmpty()) {
      return WriteEndpoint.unavailable(refused);
    }
    try {
      Refusals refusals = writer.write(write.body, replica, deadlineNanos);
      HttpReply reply =
          refusals.isEmpty() ? HttpReply.noContent() : HttpReply.text(400, refusals.text());
      // Not before the write's own entry, which was applied here.
      long index = replica.storage().publishedIndex();
      return reply.withHeader(
          ReadToken.HEADER, new ReadToken(replica.clusterId(), replica.shard(), index).toString());
    } catch (BadRequest e) {
      return HttpReply.text(e.status(), String.valueOf(e.getMessage()));
    } catch (ReplicaFailure e) {
      return switch (e) {
        case NotLeader notLeader -> forward(write, replica, notLeader.leader(), deadlineNanos);
        case TooLarge tooLarge -> HttpReply.text(413, String.valueOf(tooLarge.getMessage()));
        case Unavailable unavailable ->
            WriteEndpoint.unavailable(String.valueOf(unavailable.getMessage()));
        case Overloaded overloaded ->
            WriteEndpoint.unavailable(String.valueOf(overloaded.getMessage()));
      };
    } catch (TimeoutException e) {
      return WriteEndpoint.unavailable(String.valueOf(e.getMessage()));
    }
  }

  private String refusal() {
    String refused = refusal.get();
    if (!refused.isEmpty()) {
      return refused;
    }
    long headBytes = slot.shards().stream().mapToLong(s -> s.storage().stats().bytes()).sum();
    return headBytes < headBytesMax
        ? ""
        : "the Head takes "
            + headBytes
            + " bytes, and storage.head-bytes-max is "
            + headBytesMax
            + ": give the nodes more memory";
  }

  private HttpReply forward(
      Write write, ShardReplica replica, @Nullable Member leader, long deadlineNanos)
      throws InterruptedException {
    if (leader == null) {
      return WriteEndpoint.unavailable("no leader is known");
    }
    if (write.isForwarded) {
      return WriteEndpoint.unavailable(
          "this node does not lead any more, the leader is " + leader.name());
    }
    Duration left = Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
    if (left.isZero()) {
      return WriteEndpoint.unavailable("the request's time is over");
    }
    instruments
        .counter("raft_tsdb_write_forwarded_total", "Write requests sent on to the leader.")
        .inc();
    return forwarder.forward(
        leader.httpAddress(), replica.shard(), write.headers, write.forwarded.get(), left);
  }

  /** Ends requests that are being forwarded. */
  @Override
  public void close() {
    forwarder.close();
  }
}

package io.rafttsdb.node.ingest;

import io.rafttsdb.node.ingest.RequestDecoder.Naming;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.AppendResult.Refused;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Writes requests into the log of a replica that leads. For any number of threads: as many decode
 * at once as there are decoders, the others wait their turn.
 */
final class LogWriter {

  /** How far beyond this node's clock a sample may lie, as in Prometheus. */
  static final Duration FUTURE_MAX = Duration.ofMinutes(10);

  /** An entry that the log has is waited for beyond the request's time, as its fate is near. */
  static final Duration GRACE = Duration.ofMillis(500);

  private final InstantSource clock;
  private final BlockingQueue<RequestDecoder> decoders;

  /**
   * @param decodersMax requests that are decoded at once; each holds up to 16 MiB meanwhile
   */
  LogWriter(InstantSource clock, int decodersMax) {
    this.clock = clock;
    this.decoders = new ArrayBlockingQueue<>(decodersMax);
    SeriesCache cache = new SeriesCache();
    for (int i = 0; i < decodersMax; i++) {
      decoders.add(new RequestDecoder(cache));
    }
  }

  /**
   * Stores all samples of a body that are not refused.
   *
   * @param deadlineNanos by System.nanoTime; later nothing is appended any more
   * @return the samples refused
   * @throws BadRequest where nothing can be stored, ever
   * @throws ReplicaFailure where nothing is stored for now, or nobody knows
   */
  Refusals write(RequestBody body, ShardReplica replica, long deadlineNanos)
      throws BadRequest, ReplicaFailure, TimeoutException, InterruptedException {
    Tsdb storage = replica.storage();
    Refusals refusals = new Refusals();
    SampleBatch batch = decode(body, storage, Naming.BY_REF, refusals, deadlineNanos);
    AppendResult result = append(batch, replica, deadlineNanos);
    if (result instanceof AppendResult.UnknownRef) {
      // A series went between the look-up and the apply. Its labels define it anew.
      refusals = new Refusals();
      batch = decode(body, storage, Naming.BY_LABELS, refusals, deadlineNanos);
      result = append(batch, replica, deadlineNanos);
    }
    switch (result) {
      case AppendResult.Judged judged -> addRefused(judged, batch, storage, refusals);
      case AppendResult.UnknownRef(long ref) ->
          throw new IllegalStateException("a batch without refs was answered: unknown ref " + ref);
      case AppendResult.NoSettings _ ->
          throw new TimeoutException("the cluster has no settings yet");
    }
    return refusals;
  }

  /**
   * Splits a body by shard.
   *
   * @throws BadRequest where nothing of it can be stored, ever
   */
  List<RequestSplitter.Part> split(byte[] body, int shards, long deadlineNanos)
      throws BadRequest, TimeoutException, InterruptedException {
    RequestDecoder decoder = take(deadlineNanos);
    try {
      return decoder.split(body, shards);
    } finally {
      decoders.add(decoder);
    }
  }

  private RequestDecoder take(long deadlineNanos) throws TimeoutException, InterruptedException {
    RequestDecoder decoder = decoders.poll(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    if (decoder == null) {
      throw new TimeoutException("too many requests wait to be decoded");
    }
    return decoder;
  }

  private SampleBatch decode(
      RequestBody body, Tsdb storage, Naming naming, Refusals refusals, long deadlineNanos)
      throws BadRequest, TimeoutException, InterruptedException {
    RequestDecoder decoder = take(deadlineNanos);
    try {
      long maxMs = clock.millis() + FUTURE_MAX.toMillis();
      return decoder.decode(body, storage, maxMs, naming, refusals);
    } finally {
      decoders.add(decoder);
    }
  }

  private static AppendResult append(SampleBatch batch, ShardReplica replica, long deadlineNanos)
      throws ReplicaFailure, TimeoutException, InterruptedException {
    if (batch.rowCount() == 0) {
      return NOTHING_APPENDED;
    }
    try {
      long waitNanos = deadlineNanos - System.nanoTime() + GRACE.toNanos();
      return replica.append(batch, deadlineNanos).get(waitNanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new TimeoutException("no majority confirmed the samples in time; they may be stored");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ReplicaFailure failure) {
        throw failure;
      }
      throw new IllegalStateException("an append failed in an unknown way", e.getCause());
    }
  }

  private static final AppendResult NOTHING_APPENDED = new AppendResult.Judged(0, 0, 0, List.of());

  private static void addRefused(
      AppendResult.Judged judged, SampleBatch batch, Tsdb storage, Refusals refusals) {
    for (Refused refused : judged.refused()) {
      long ref = batch.ref(refused.row());
      Labels labels =
          ref == SampleBatch.NO_REF ? batch.definition(refused.row()) : storage.labelsOf(ref);
      refusals.add(
          labels == null ? "ref " + ref : labels.toString(),
          batch.timestampMs(refused.sample()),
          refused.reason().words());
    }
    refusals.addMore(judged.refusedCount() - judged.refused().size());
  }
}

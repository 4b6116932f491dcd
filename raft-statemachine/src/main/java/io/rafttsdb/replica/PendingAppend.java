package io.rafttsdb.replica;

import io.rafttsdb.command.CommandCodec;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.SampleBatch;
import java.util.concurrent.CompletableFuture;

/** A request on its way into an entry. */
final class PendingAppend {
  private final SampleBatch batch;
  private final byte[] encoded;
  private final long deadlineNanos;
  private final CompletableFuture<AppendResult> result = new CompletableFuture<>();

  /**
   * Encodes the batch.
   *
   * @param deadlineNanos after which it must not be appended any more, by System.nanoTime
   */
  PendingAppend(SampleBatch batch, long deadlineNanos) {
    this.batch = batch;
    this.encoded = CommandCodec.encodeRequest(batch);
    this.deadlineNanos = deadlineNanos;
  }

  SampleBatch batch() {
    return batch;
  }

  byte[] encoded() {
    return encoded;
  }

  /** Bytes that it adds to an entry. */
  int joinedBytes() {
    return CommandCodec.joinedBytes(encoded.length);
  }

  boolean isTooLate(long nowNanos) {
    return deadlineNanos - nowNanos <= 0;
  }

  CompletableFuture<AppendResult> result() {
    return result;
  }
}

package io.rafttsdb.replica;

import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The wish for this node's state after a Freeze entry of a name, which is yet to be put into the
 * log. Closing it ends the wish and lets the state go.
 */
public final class FreezeTicket implements AutoCloseable {
  private final Ulid name;
  private final CompletableFuture<FrozenShard> frozen = new CompletableFuture<>();
  private final Runnable ended;

  FreezeTicket(Ulid name, Runnable ended) {
    this.name = name;
    this.ended = ended;
  }

  /** That the entry has to bear. */
  public Ulid name() {
    return name;
  }

  /** False where nobody waits any more. */
  boolean complete(FrozenShard shard) {
    return frozen.complete(shard);
  }

  /**
   * Waits until this node has applied the entry. What it gets is there until this is closed.
   *
   * @throws TimeoutException where it has not by then, as after it received a snapshot instead
   */
  public FrozenShard await(Duration limit) throws InterruptedException, TimeoutException {
    try {
      return frozen.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("never completed with an exception", e);
    }
  }

  /** Ends the wish, and lets the state go. */
  @Override
  public void close() throws IOException {
    ended.run();
    if (!frozen.cancel(false)) {
      frozen.join().close();
    }
  }
}

package io.rafttsdb.replica;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets callers that arrive together share one barrier: one is under way, and whoever comes
 * meanwhile waits for the next, since a barrier only vouches for what was committed before it
 * began.
 */
final class ReadBarrier {
  private final Supplier<CompletableFuture<Void>> start;
  private @Nullable CompletableFuture<Void> underWay; // guarded by this
  private @Nullable CompletableFuture<Void> next; // guarded by this

  ReadBarrier(Supplier<CompletableFuture<Void>> start) {
    this.start = start;
  }

  /** Completes after a barrier that begins now or later. */
  CompletableFuture<Void> join() {
    CompletableFuture<Void> mine = new CompletableFuture<>();
    synchronized (this) {
      if (underWay != null) {
        if (next == null) {
          next = mine;
        }
        return next;
      }
      underWay = mine;
    }
    begin(mine);
    return mine;
  }

  private void begin(CompletableFuture<Void> shared) {
    var _ = start.get().whenComplete((nothing, error) -> end(shared, error));
  }

  private void end(CompletableFuture<Void> shared, @Nullable Throwable error) {
    CompletableFuture<Void> following;
    synchronized (this) {
      following = next;
      underWay = next;
      next = null;
    }
    if (following != null) {
      begin(following);
    }
    if (error == null) {
      shared.complete(null);
    } else {
      shared.completeExceptionally(error);
    }
  }
}

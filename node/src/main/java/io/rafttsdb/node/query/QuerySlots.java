package io.rafttsdb.node.query;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Bounds how many queries are evaluated at once; more of them wait, but not for long. */
final class QuerySlots {

  /** As many as in Prometheus. */
  static final int QUERIES_MAX = 20;

  /** How long a query waits for its turn at most. */
  static final Duration WAIT_MAX = Duration.ofSeconds(10);

  private final int count;
  private final Duration waitMax;
  private final Semaphore free;

  QuerySlots(int count, Duration waitMax) {
    this.count = count;
    this.waitMax = waitMax;
    this.free = new Semaphore(count, true);
  }

  /** One query's turn, over when it is closed. */
  final class Turn implements AutoCloseable {
    private Turn() {}

    @Override
    public void close() {
      free.release();
    }
  }

  /**
   * Waits for a turn.
   *
   * @param left how long the query has left
   */
  Turn take(Duration left) throws ApiError, InterruptedException {
    long waitNanos = Math.min(left.toNanos(), waitMax.toNanos());
    if (!free.tryAcquire(waitNanos, TimeUnit.NANOSECONDS)) {
      throw new ApiError(
          ApiError.Type.UNAVAILABLE,
          count + " queries run already, and none of them ended in time; try again later");
    }
    return new Turn();
  }
}

package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.value.QueryCanceled;
import io.rafttsdb.promql.value.QueryLimitExceeded;
import io.rafttsdb.promql.value.QueryTimedOut;

/**
 * What one query may use: values held in memory at once, and time. The thread's interruption
 * cancels the query. For one thread.
 */
public final class Budget {

  /** Work between two looks at the clock, in samples or values computed. */
  private static final int WORK_BETWEEN_CHECKS = 1 << 16;

  private final long samplesMax;
  private final long deadlineNanos;
  private long held;
  private int work;

  /**
   * A budget not used yet.
   *
   * @param deadlineNanos by {@link System#nanoTime}
   */
  public Budget(long samplesMax, long deadlineNanos) {
    this.samplesMax = samplesMax;
    this.deadlineNanos = deadlineNanos;
  }

  /** Throws where the query is cancelled or out of time. */
  void check() {
    work = 0;
    if (Thread.currentThread().isInterrupted()) {
      throw new QueryCanceled();
    }
    if (System.nanoTime() - deadlineNanos > 0) {
      throw new QueryTimedOut();
    }
  }

  /** Counts work done, and checks now and then. */
  void work(int amount) {
    work += amount;
    if (work >= WORK_BETWEEN_CHECKS) {
      check();
    }
  }

  /** Values that the query keeps until they are released. */
  void hold(long values) {
    held += values;
    ensure(0);
  }

  void release(long values) {
    held -= values;
  }

  /** Whether so many values more may be held for a moment. */
  void ensure(long more) {
    if (held + more > samplesMax) {
      throw new QueryLimitExceeded(
          "query processing would load too many samples into memory in query execution");
    }
  }
}

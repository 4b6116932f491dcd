package io.rafttsdb.replica;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that does rounds of one kind of work until it is closed. */
final class DutyThread implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DutyThread.class);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private final Duration pause;
  private final Round round;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean woken; // under the lock

  /** One round. */
  @FunctionalInterface
  interface Round {
    /**
     * Does something.
     *
     * @return whether to go on at once
     */
    boolean run() throws InterruptedException;
  }

  /**
   * A thread, which begins with {@link #start}.
   *
   * @param pause between rounds after one that does not want to go on at once
   */
  DutyThread(String name, Duration pause, Round round, FatalOnce fatal) {
    this.pause = pause;
    this.round = round;
    this.thread =
        Thread.ofPlatform()
            .name(name)
            .daemon()
            .uncaughtExceptionHandler(
                (failed, error) -> fatal.fatal("the thread " + name + " failed", error))
            .unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Ends the present pause, or the one after the present round. */
  void wake() {
    lock.lock();
    try {
      woken = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (true) {
        if (!round.run()) {
          awaitNext();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("{} ends", thread.getName(), e);
    }
  }

  private void awaitNext() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = pause.toNanos();
      while (!woken && left > 0) {
        left = changed.awaitNanos(left);
      }
      woken = false;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the round that is under way, and the thread. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      if (!thread.join(STOP_TIMEOUT)) {
        LOG.warn("{} did not end within {} s", thread.getName(), STOP_TIMEOUT.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

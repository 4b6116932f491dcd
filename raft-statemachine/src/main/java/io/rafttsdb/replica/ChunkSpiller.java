package io.rafttsdb.replica;

import io.rafttsdb.storage.Tsdb;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings full chunks of the engine to disk, on a thread of its own, which may wait for the disk.
 */
final class ChunkSpiller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChunkSpiller.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private final Supplier<Tsdb> tsdb;
  private final FatalOnce fatal;
  private final ScheduledExecutorService executor;
  private final LongAdder spilled = new LongAdder();

  /**
   * A spiller.
   *
   * @param tsdb the present engine
   */
  ChunkSpiller(ReplicaConfig config, Supplier<Tsdb> tsdb, FatalOnce fatal) {
    this.tsdb = tsdb;
    this.fatal = fatal;
    this.executor =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name(config.threadName() + "-spill").daemon().factory());
  }

  void start() {
    var _ =
        executor.scheduleWithFixedDelay(
            this::run, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void run() {
    try {
      spilled.add(tsdb.get().spill());
    } catch (IOException e) {
      fatal.fatal("full chunks can't be written: check the disk", e);
    } catch (RuntimeException | Error e) {
      fatal.fatal("full chunks could not be brought to disk", e);
    }
  }

  /** Chunks brought to disk. */
  long spilled() {
    return spilled.sum();
  }

  /** Ends the thread. */
  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the spilling thread did not end within {}", STOP_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

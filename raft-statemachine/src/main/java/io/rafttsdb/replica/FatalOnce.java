package io.rafttsdb.replica;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports the first failure that ends the replica, and remembers that there was one. */
final class FatalOnce {
  private static final Logger LOG = LoggerFactory.getLogger(FatalOnce.class);

  private final FatalHandler handler;
  private final AtomicBoolean failed = new AtomicBoolean();
  private volatile boolean logFailed;

  FatalOnce(FatalHandler handler) {
    this.handler = handler;
  }

  void fatal(String reason, @Nullable Throwable cause) {
    if (failed.compareAndSet(false, true)) {
      LOG.error("the replica can't go on: {}", reason, cause);
      handler.fatal(reason, cause);
    }
  }

  void logFailed(@Nullable Throwable cause) {
    logFailed = true;
    fatal("the log can't be written: check the disk, then start the node again", cause);
  }

  boolean hasFailed() {
    return failed.get();
  }

  boolean hasLogFailed() {
    return logFailed;
  }
}

package io.rafttsdb.node.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Lets each logger below a prefix print so many lines in a stretch of time; the rest is counted,
 * and told when the next stretch begins. Made by logback from logback.xml; thread-safe.
 */
public final class LogThrottle extends TurboFilter {

  private final LongSupplier nanoTime;
  private final Map<String, Stretch> stretches = new ConcurrentHashMap<>();
  private String prefix = "";
  private int lines = Integer.MAX_VALUE;
  private long stretchNanos;

  /** Used by logback. */
  public LogThrottle() {
    this(System::nanoTime);
  }

  LogThrottle(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Loggers whose name begins so are held back. */
  public void setPrefix(String prefix) {
    this.prefix = prefix;
  }

  /** Lines that a logger may print in a stretch. */
  public void setLines(int lines) {
    this.lines = lines;
  }

  /** Length of a stretch. */
  public void setSeconds(int seconds) {
    this.stretchNanos = TimeUnit.SECONDS.toNanos(seconds);
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    // Called for lines below the logger's level too, and by isWarnEnabled() without a line.
    if (format == null
        || !logger.getName().startsWith(prefix)
        || !level.isGreaterOrEqual(logger.getEffectiveLevel())) {
      return FilterReply.NEUTRAL;
    }
    Stretch stretch = stretches.computeIfAbsent(logger.getName(), name -> new Stretch());
    long lost = stretch.take(nanoTime.getAsLong());
    if (lost > 0) {
      LoggerFactory.getLogger(LogThrottle.class)
          .warn("{} more lines of {} were not printed", lost, logger.getName());
    }
    return lost < 0 ? FilterReply.DENY : FilterReply.NEUTRAL;
  }

  /** The lines of one logger since the stretch began. */
  private final class Stretch {
    private long startNanos = nanoTime.getAsLong();
    private int printed;
    private long lost;

    /** Counts a line. Negative: not to be printed; else how many were lost in the last stretch. */
    synchronized long take(long now) {
      long told = 0;
      if (now - startNanos >= stretchNanos) {
        startNanos = now;
        printed = 0;
        told = lost;
        lost = 0;
      }
      if (printed < lines) {
        printed++;
        return told;
      }
      lost++;
      return -1;
    }
  }
}

package io.rafttsdb.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class LogThrottleTest {

  private final AtomicLong nanos = new AtomicLong();
  private final LoggerContext context = new LoggerContext();
  private final LogThrottle throttle = new LogThrottle(nanos::get);

  LogThrottleTest() {
    throttle.setPrefix("org.example");
    throttle.setLines(2);
    throttle.setSeconds(10);
  }

  @Test
  void aLoggerPrintsSoManyLinesInAStretch() {
    assertThat(warn("org.example.Log")).isEqualTo(FilterReply.NEUTRAL);
    assertThat(warn("org.example.Log")).isEqualTo(FilterReply.NEUTRAL);
    assertThat(warn("org.example.Log")).isEqualTo(FilterReply.DENY);
    assertThat(warn("org.example.Other")).as("counted alone").isEqualTo(FilterReply.NEUTRAL);

    nanos.addAndGet(Duration.ofSeconds(10).toNanos());

    assertThat(warn("org.example.Log")).as("the next stretch").isEqualTo(FilterReply.NEUTRAL);
  }

  @Test
  void otherLoggersAreLeftAlone() {
    for (int i = 0; i < 5; i++) {
      assertThat(warn("com.example.Log")).isEqualTo(FilterReply.NEUTRAL);
    }
  }

  @Test
  void aLineBelowTheLevelIsNotCounted() {
    Logger logger = context.getLogger("org.example.Log");
    logger.setLevel(Level.WARN);
    for (int i = 0; i < 5; i++) {
      throttle.decide(null, logger, Level.DEBUG, "a line", null, null);
    }

    assertThat(warn("org.example.Log")).isEqualTo(FilterReply.NEUTRAL);
  }

  private FilterReply warn(String name) {
    return throttle.decide(null, context.getLogger(name), Level.WARN, "a line", null, null);
  }
}

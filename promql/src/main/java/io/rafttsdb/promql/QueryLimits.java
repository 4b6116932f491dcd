package io.rafttsdb.promql;

import java.time.Duration;

/**
 * What a query may use, and the lookback.
 *
 * @param samplesMax how many values a query may hold in memory at once
 * @param timeout how long it may take
 * @param lookback how old a sample an instant selector takes at most
 */
public record QueryLimits(long samplesMax, Duration timeout, Duration lookback) {

  /** Prometheus's defaults. */
  public static final QueryLimits DEFAULT =
      new QueryLimits(50_000_000, Duration.ofMinutes(2), Duration.ofMinutes(5));

  public QueryLimits {
    if (samplesMax < 1 || timeout.isNegative() || lookback.toMillis() < 1) {
      throw new IllegalArgumentException(
          samplesMax + " samples, timeout " + timeout + ", lookback " + lookback);
    }
  }

  public QueryLimits withTimeout(Duration timeout) {
    return new QueryLimits(samplesMax, timeout, lookback);
  }

  public QueryLimits withLookback(Duration lookback) {
    return new QueryLimits(samplesMax, timeout, lookback);
  }
}

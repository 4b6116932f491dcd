package io.rafttsdb.client;

import java.time.Duration;

/**
 * How a read is done.
 *
 * @param deadline for the whole call with all its attempts
 */
public record ReadOptions(Consistency consistency, Duration deadline) {

  public static final Duration DEADLINE_DEFAULT = Duration.ofSeconds(30);

  /** Linearizable, within {@link #DEADLINE_DEFAULT}. */
  public static final ReadOptions DEFAULT =
      new ReadOptions(Consistency.LINEARIZABLE, DEADLINE_DEFAULT);
}

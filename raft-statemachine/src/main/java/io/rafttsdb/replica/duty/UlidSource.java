package io.rafttsdb.replica.duty;

import io.rafttsdb.storage.model.Ulid;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** Draws names for blocks: the clock's milliseconds and 80 random bits. For any thread. */
public final class UlidSource {

  private static final int RANDOM_BITS_HIGH = 16;

  private final InstantSource clock;
  private final RandomGenerator random;

  public UlidSource(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /** The clock that names are drawn by, in milliseconds since 1970. */
  long nowMs() {
    return clock.millis();
  }

  /** A name that nobody else draws. */
  public synchronized Ulid next() {
    long high = clock.millis() << RANDOM_BITS_HIGH | random.nextInt(1 << RANDOM_BITS_HIGH);
    return new Ulid(high, random.nextLong());
  }
}

package io.rafttsdb.replica.duty;

import io.rafttsdb.storage.model.Ulid;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/** Draws names for blocks: the clock's milliseconds and 80 random bits. For any thread. */
public final class UlidSource {

  private static final int RANDOM_BITS_HIGH = 16;

  private final InstantSource clock;
  private final RandomGenerator random;
  private final BooleanSupplier isTrusted;

  /** Names by a clock that is always right. */
  public UlidSource(InstantSource clock, RandomGenerator random) {
    this(clock, random, () -> true);
  }

  /**
   * Names by a clock that may go wrong.
   *
   * @param isTrusted whether anything may be decided by what it shows now
   */
  public UlidSource(InstantSource clock, RandomGenerator random, BooleanSupplier isTrusted) {
    this.clock = clock;
    this.random = random;
    this.isTrusted = isTrusted;
  }

  /** The clock, in milliseconds since 1970; empty while it can't be trusted. */
  OptionalLong trustedNowMs() {
    long nowMs = clock.millis();
    return isTrusted.getAsBoolean() ? OptionalLong.of(nowMs) : OptionalLong.empty();
  }

  /** A name that nobody else draws. */
  public synchronized Ulid next() {
    long high = clock.millis() << RANDOM_BITS_HIGH | random.nextInt(1 << RANDOM_BITS_HIGH);
    return new Ulid(high, random.nextLong());
  }
}

package io.rafttsdb.promql.ast;

import org.jspecify.annotations.Nullable;

/**
 * What moves a selector or subquery in time.
 *
 * @param offsetMs how far back it looks; negative: ahead
 * @param at the fixed time that it looks from, or null for the time of each step
 */
public record Modifiers(long offsetMs, @Nullable At at) {

  public static final Modifiers NONE = new Modifiers(0, null);

  /** What follows an {@code @}. */
  public sealed interface At {
    /** A time in milliseconds since 1970. */
    record Time(long timeMs) implements At {}

    /** The start of the whole query. */
    record Start() implements At {}

    /** The end of the whole query. */
    record End() implements At {}
  }
}

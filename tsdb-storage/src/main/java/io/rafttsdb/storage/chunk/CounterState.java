package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.CounterResetHint;

/** What a histogram chunk says of all its samples, in the two highest bits of its third byte. */
public enum CounterState {
  /** Nothing is known of how the first sample follows the chunk before. */
  UNKNOWN(0b00, CounterResetHint.NOT_RESET),
  /** It follows without a reset. */
  NOT_RESET(0b01, CounterResetHint.NOT_RESET),
  /** The counter was reset before it. */
  RESET(0b10, CounterResetHint.NOT_RESET),
  /** A gauge. */
  GAUGE(0b11, CounterResetHint.GAUGE);

  private static final int SHIFT = 6;

  private final int code;
  private final CounterResetHint laterHint;

  CounterState(int code, CounterResetHint laterHint) {
    this.code = code;
    this.laterHint = laterHint;
  }

  static CounterState of(byte flags) {
    return switch ((flags & 0xff) >>> SHIFT) {
      case 0b00 -> UNKNOWN;
      case 0b01 -> NOT_RESET;
      case 0b10 -> RESET;
      default -> GAUGE;
    };
  }

  /** The byte; its other bits are 0. */
  byte flags() {
    return (byte) (code << SHIFT);
  }

  /**
   * The hint of a sample of such a chunk. That of a counter's first sample is unknown even where
   * the chunk knows it: the chunk before may be gone, or another may have come between.
   */
  CounterResetHint hint(boolean first) {
    return first && this != GAUGE ? CounterResetHint.UNKNOWN : laterHint;
  }
}

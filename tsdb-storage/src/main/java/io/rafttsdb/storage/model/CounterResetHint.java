package io.rafttsdb.storage.model;

/**
 * What is known of a native histogram beside its numbers: whether it continues the one before it,
 * as a counter does. The codes are those of Prometheus's protobuf and of our own encodings.
 */
public enum CounterResetHint {
  /** Nothing is known: a reader has to compare the numbers. */
  UNKNOWN(0),
  /** The counter began anew with this histogram, whatever its numbers say. */
  RESET(1),
  /** It continues the one before. */
  NOT_RESET(2),
  /** A gauge: its numbers rise and fall, nothing is ever reset. */
  GAUGE(3);

  private final int code;

  CounterResetHint(int code) {
    this.code = code;
  }

  /** 0 to 3. */
  public int code() {
    return code;
  }

  /**
   * The hint of a code.
   *
   * @throws IllegalArgumentException where none has it
   */
  public static CounterResetHint of(int code) {
    for (CounterResetHint hint : values()) {
      if (hint.code == code) {
        return hint;
      }
    }
    throw new IllegalArgumentException("expected a counter reset hint from 0 to 3, got " + code);
  }
}

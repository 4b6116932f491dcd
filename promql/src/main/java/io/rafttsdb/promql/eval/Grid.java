package io.rafttsdb.promql.eval;

/**
 * The steps of an evaluation: {@code startMs}, {@code startMs + stepMs}, and so on.
 *
 * @param stepMs more than 0, also where there is one step only
 * @param count how many; 0: there is nothing to evaluate
 */
public record Grid(long startMs, long stepMs, int count) {

  public Grid {
    if (stepMs <= 0 || count < 0) {
      throw new IllegalArgumentException(count + " steps of " + stepMs + " ms");
    }
  }

  /** One step. */
  public static Grid at(long timeMs) {
    return new Grid(timeMs, 1, 1);
  }

  public long timeMs(int step) {
    return startMs + step * stepMs;
  }

  public long lastMs() {
    return timeMs(count - 1);
  }

  /** The first step alone. */
  Grid first() {
    return at(startMs);
  }
}

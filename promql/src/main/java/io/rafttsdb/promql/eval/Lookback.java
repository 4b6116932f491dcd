package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Modifiers;
import io.rafttsdb.promql.ast.Modifiers.At;

/**
 * The times that a selector or subquery looks back from, one a step: the step's own, or that of its
 * {@code @}, less its offset.
 *
 * @param stepMs 0 where all steps look from the same time
 */
record Lookback(long firstMs, long stepMs, int count) {

  /**
   * @param grid not empty
   * @param query the steps of the whole query, for {@code start()} and {@code end()}
   */
  static Lookback of(Modifiers modifiers, Grid grid, Grid query) {
    At at = modifiers.at();
    if (at == null) {
      return new Lookback(grid.startMs() - modifiers.offsetMs(), grid.stepMs(), grid.count());
    }
    long fixedMs =
        switch (at) {
          case At.Time(long timeMs) -> timeMs;
          case At.Start() -> query.startMs();
          case At.End() -> query.lastMs();
        };
    return new Lookback(fixedMs - modifiers.offsetMs(), 0, grid.count());
  }

  long timeMs(int step) {
    return firstMs + step * stepMs;
  }

  long lastMs() {
    return timeMs(count - 1);
  }
}

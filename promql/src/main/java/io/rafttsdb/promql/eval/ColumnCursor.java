package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.value.Column;
import io.rafttsdb.storage.model.SampleCursor;

/** Walks the values of a column as samples at the grid's times. */
final class ColumnCursor implements SampleCursor {

  private final Grid grid;
  private final double[] column;
  private int step = -1;

  ColumnCursor(Grid grid, double[] column) {
    this.grid = grid;
    this.column = column;
  }

  @Override
  public boolean next() {
    do {
      step = Math.min(step + 1, column.length);
    } while (step < column.length && Column.isAbsent(column[step]));
    return step < column.length;
  }

  @Override
  public boolean seek(long timestampMs) {
    long behind = timestampMs - grid.startMs();
    long first = behind <= 0 ? 0 : Math.ceilDiv(behind, grid.stepMs());
    if (step < 0 || first > step) {
      step = (int) Math.min(first, column.length) - 1;
      return next();
    }
    return step < column.length;
  }

  @Override
  public long timestampMs() {
    return grid.timeMs(step);
  }

  @Override
  public long valueBits() {
    return Double.doubleToRawLongBits(column[step]);
  }
}

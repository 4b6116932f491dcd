package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.HeldHistograms;
import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;

/** Walks the values of a column as samples at the grid's times. */
final class ColumnCursor implements SampleCursor, HeldHistograms {

  private final Grid grid;
  private final double[] column;
  private final HistogramTable histograms;
  private int step = -1;

  ColumnCursor(Grid grid, double[] column, HistogramTable histograms) {
    this.histograms = histograms;
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
  public SampleKind kind() {
    return HistogramTable.isHistogram(column[step]) ? SampleKind.FLOAT_HISTOGRAM : SampleKind.FLOAT;
  }

  @Override
  public Histogram held() {
    return histograms.take(column[step]);
  }

  @Override
  public long valueBits() {
    return Double.doubleToRawLongBits(column[step]);
  }
}

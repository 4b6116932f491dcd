package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Expr.VectorSelector;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Samples;
import io.rafttsdb.storage.model.SeriesView;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates an instant selector: at each step the newest sample in (t - lookback, t], and nothing
 * where that is a stale marker.
 */
final class InstantSelector {

  private final Evaluator evaluator;
  private final VectorSelector selector;
  private final Lookback times;
  private final long lookbackMs;

  /**
   * @param grid not empty
   */
  InstantSelector(Evaluator evaluator, VectorSelector selector, Grid grid) {
    this.evaluator = evaluator;
    this.selector = selector;
    this.times = Lookback.of(selector.modifiers(), grid, evaluator.plan().query());
    this.lookbackMs = evaluator.plan().lookbackMs();
  }

  void values(SeriesSink sink) {
    each(sink, false);
  }

  /** The samples' times in seconds in place of their values. */
  void timestamps(SeriesSink sink) {
    each(sink, true);
  }

  private void each(SeriesSink sink, boolean timestamps) {
    for (SeriesView view : evaluator.series(selector)) {
      double[] column = column(view.samples(), timestamps);
      if (!Column.isEmpty(column)) {
        sink.accept(view.labels(), column);
      }
    }
  }

  private double[] column(SampleCursor cursor, boolean timestamps) {
    double[] column = new double[times.count()];
    boolean found = false; // a sample at or before the step has been read
    long foundMs = 0;
    long foundBits = 0;
    @Nullable NativeHistogram foundHistogram = null;
    @Nullable Histogram held = null;
    boolean pending = cursor.seek(times.firstMs() - lookbackMs + 1);
    int read = 0;
    for (int step = 0; step < column.length; step++) {
      long endMs = times.timeMs(step);
      long startMs = endMs - lookbackMs;
      if (pending && cursor.timestampMs() <= startMs) {
        pending = cursor.seek(startMs + 1);
      }
      while (pending && cursor.timestampMs() <= endMs) {
        found = true;
        foundMs = cursor.timestampMs();
        foundHistogram = cursor.kind() == SampleKind.FLOAT ? null : cursor.histogram();
        foundBits = foundHistogram == null ? cursor.valueBits() : foundHistogram.sumBits();
        held = null;
        pending = cursor.next();
        read++;
      }
      if (found && foundMs > startMs && foundBits != Samples.STALE) {
        if (timestamps) {
          column[step] = foundMs / 1000.0;
        } else if (foundHistogram == null) {
          column[step] = HistogramTable.clean(foundBits);
        } else {
          held = held == null ? Histogram.of(foundHistogram) : held;
          column[step] = evaluator.histograms().add(held);
        }
      } else {
        column[step] = Column.absent();
      }
    }
    evaluator.budget().work(read + column.length);
    return column;
  }
}

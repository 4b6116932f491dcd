package io.rafttsdb.promql.function;

import io.rafttsdb.promql.value.HistogramTable;

/** Computes one value from the samples of a window that has a native histogram among them. */
@FunctionalInterface
public interface HistogramWindowFunction {

  /**
   * The value, or {@link io.rafttsdb.promql.value.Column#absent} for none.
   *
   * @param table keeps the histogram that the value is
   */
  double apply(Window window, HistogramTable table, Remarks remarks);
}

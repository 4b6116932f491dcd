package io.rafttsdb.promql.function;

import io.rafttsdb.promql.ast.Quoting;
import io.rafttsdb.promql.ast.Span;
import io.rafttsdb.promql.value.Annotations;
import io.rafttsdb.promql.value.Histogram.Fit;

/** Remarks on the native histograms of one series. */
public record Remarks(Annotations annotations, String metric, Span span) {

  void mixed() {
    warn("encountered a mix of histograms and floats for metric name ");
  }

  void ignoredHistograms() {
    annotations.histogramInfo(
        "ignored histograms in a range containing both floats and histograms for metric name "
            + Quoting.quote(metric),
        span);
  }

  void notCounter() {
    warn("this native histogram metric is not a counter: ");
  }

  void notGauge() {
    warn("this native histogram metric is not a gauge: ");
  }

  /** Histograms that can't be added. */
  public void unfit(Fit fit) {
    warn(
        fit == Fit.CUSTOM_AND_EXPONENTIAL
            ? "vector contains a mix of histograms with exponential and custom buckets schemas for"
                + " metric name "
            : "vector contains histograms with incompatible custom buckets for metric name ");
  }

  private void warn(String message) {
    annotations.histogramWarning(message + Quoting.quote(metric), span);
  }
}

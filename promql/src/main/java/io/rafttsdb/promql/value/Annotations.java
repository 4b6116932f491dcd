package io.rafttsdb.promql.value;

import io.rafttsdb.promql.ast.NumberText;
import io.rafttsdb.promql.ast.Quoting;
import io.rafttsdb.promql.ast.Span;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects the remarks of one query, each once. For one thread. */
public final class Annotations {

  /** How many of a kind are kept. */
  public static final int KEPT_MAX = 1000;

  private final Set<Annotation> warnings = new LinkedHashSet<>();
  private final Set<Annotation> infos = new LinkedHashSet<>();

  public void notACounter(String metric, Span span) {
    add(
        infos,
        "PromQL info: metric might not be a counter, name does not end in"
            + " _total/_sum/_count/_bucket: "
            + Quoting.quote(metric),
        span);
  }

  public void invalidQuantile(double quantile, Span span) {
    add(
        warnings,
        "PromQL warning: quantile value should be between 0 and 1, got "
            + NumberText.plain(quantile),
        span);
  }

  /**
   * A series that should be a bucket does not tell its bound.
   *
   * @param metric its name, or empty
   */
  public void badBucket(String bound, String metric, Span span) {
    add(
        warnings,
        "PromQL warning: bucket label \"le\" is missing or has a malformed value of "
            + Quoting.quote(bound)
            + forMetric(metric),
        span);
  }

  /** The counts of a histogram fell from one bucket to the next. */
  public void forcedMonotonic(String metric, Span span) {
    add(
        infos,
        "PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see"
            + " https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
            + forMetric(metric),
        span);
  }

  /** A remark on native histograms that makes the result doubtful. */
  public void histogramWarning(String message, Span span) {
    add(warnings, "PromQL warning: " + message, span);
  }

  /** A remark on native histograms that were left out. */
  public void histogramInfo(String message, Span span) {
    add(infos, "PromQL info: " + message, span);
  }

  private static String forMetric(String metric) {
    return metric.isEmpty() ? "" : " for metric name " + Quoting.quote(metric);
  }

  private static void add(Set<Annotation> kind, String message, Span span) {
    if (kind.size() < KEPT_MAX) {
      kind.add(new Annotation(message, span));
    }
  }

  public List<Annotation> warnings() {
    return List.copyOf(warnings);
  }

  public List<Annotation> infos() {
    return List.copyOf(infos);
  }
}

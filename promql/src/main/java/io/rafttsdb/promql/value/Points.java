package io.rafttsdb.promql.value;

import io.rafttsdb.storage.model.Labels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A series with its points in order of time, at least one. Immutable; the arrays belong to it. */
public final class Points {

  private final Labels labels;
  private final long[] timesMs;
  private final double[] values;
  private final @Nullable Histogram @Nullable [] histograms;

  /**
   * Takes the arrays over.
   *
   * @param timesMs one time a value, rising
   */
  public Points(Labels labels, long[] timesMs, double[] values) {
    this(labels, timesMs, values, null);
  }

  /**
   * The same of points that may be native histograms.
   *
   * @param histograms null where a point is a float
   */
  public Points(
      Labels labels, long[] timesMs, double[] values, @Nullable Histogram @Nullable [] histograms) {
    if (timesMs.length != values.length || values.length == 0) {
      throw new IllegalArgumentException(
          timesMs.length + " times and " + values.length + " values");
    }
    this.labels = labels;
    this.timesMs = timesMs;
    this.values = values;
    this.histograms = histograms;
  }

  public Labels labels() {
    return labels;
  }

  public int count() {
    return values.length;
  }

  public long timeMs(int point) {
    return timesMs[point];
  }

  /** The native histogram that a point is, or null where it is a float. */
  public @Nullable Histogram histogram(int point) {
    return histograms == null ? null : histograms[point];
  }

  /** Whether any point is a native histogram. */
  public boolean hasHistograms() {
    return histograms != null;
  }

  public double value(int point) {
    return values[point];
  }

  @Override
  public String toString() {
    return labels + " " + Arrays.toString(timesMs) + " " + Arrays.toString(values);
  }
}

package io.rafttsdb.promql.value;

import io.rafttsdb.storage.model.Labels;
import java.util.Arrays;

/** A series with its points in order of time, at least one. Immutable; the arrays belong to it. */
public final class Points {

  private final Labels labels;
  private final long[] timesMs;
  private final double[] values;

  /**
   * Takes the arrays over.
   *
   * @param timesMs one time a value, rising
   */
  public Points(Labels labels, long[] timesMs, double[] values) {
    if (timesMs.length != values.length || values.length == 0) {
      throw new IllegalArgumentException(
          timesMs.length + " times and " + values.length + " values");
    }
    this.labels = labels;
    this.timesMs = timesMs;
    this.values = values;
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

  public double value(int point) {
    return values[point];
  }

  @Override
  public String toString() {
    return labels + " " + Arrays.toString(timesMs) + " " + Arrays.toString(values);
  }
}

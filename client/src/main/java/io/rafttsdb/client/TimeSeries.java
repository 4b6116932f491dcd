package io.rafttsdb.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Some samples of one series.
 *
 * @param labels sorted by the UTF-8 bytes of the names, the metric's name under {@link
 *     #METRIC_NAME}; a label with an empty value is the same as no label and is left out
 * @param samples in the order in which they are to be stored, or were read
 */
public record TimeSeries(Map<String, String> labels, List<Sample> samples) {

  /** The label whose value is the metric's name. */
  public static final String METRIC_NAME = "__name__";

  private static final Comparator<String> BYTEWISE =
      (a, b) -> Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8));

  /**
   * @throws IllegalArgumentException on an empty label name
   */
  public TimeSeries {
    Map<String, String> sorted = new TreeMap<>(BYTEWISE);
    labels.forEach((name, value) -> {
      if (name.isEmpty()) {
        throw new IllegalArgumentException("empty label name with value " + value);
      }
      if (!value.isEmpty()) {
        sorted.put(name, value);
      }
    });
    labels = Collections.unmodifiableMap(sorted);
    samples = List.copyOf(samples);
  }

  /** A series with one sample. */
  public static TimeSeries of(Map<String, String> labels, long timestampMs, double value) {
    return new TimeSeries(labels, List.of(Sample.of(timestampMs, value)));
  }

  /** The metric's name, or the empty string. */
  public String metricName() {
    return labels.getOrDefault(METRIC_NAME, "");
  }
}

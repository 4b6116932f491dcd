package io.rafttsdb.node.monitor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes points and puts those of one name together. Labels are names and values in turn. For one
 * thread.
 */
public final class MetricSink {

  private record Open(String help, MetricFamily.Type type, List<MetricFamily.Point> points) {}

  private final Map<String, Open> families = new LinkedHashMap<>();

  public void gauge(String name, String help, double value, String... labels) {
    add(name, help, MetricFamily.Type.GAUGE, new MetricFamily.Point("", labels(labels), value));
  }

  /** A whole number; beyond 2^53 the nearest that a sample can hold. */
  public void gauge(String name, String help, long value, String... labels) {
    gauge(name, help, (double) value, labels);
  }

  /** A value that only grows, from the start of what it counts. */
  public void counter(String name, String help, double value, String... labels) {
    add(name, help, MetricFamily.Type.COUNTER, new MetricFamily.Point("", labels(labels), value));
  }

  /** A whole number that only grows. */
  public void counter(String name, String help, long value, String... labels) {
    counter(name, help, (double) value, labels);
  }

  /** Sum and count of what was measured since the start. */
  public void summary(String name, String help, double sum, long count, String... labels) {
    add(name, help, MetricFamily.Type.SUMMARY, new MetricFamily.Point("_sum", labels(labels), sum));
    add(
        name,
        help,
        MetricFamily.Type.SUMMARY,
        new MetricFamily.Point("_count", labels(labels), (double) count));
  }

  /**
   * What a share of the measured values lies below, beside the {@link #summary} of these labels.
   */
  public void quantile(String name, String help, double quantile, double value, String... labels) {
    Map<String, String> withQuantile = labels(labels);
    withQuantile.put("quantile", TextFormat.number(quantile));
    add(name, help, MetricFamily.Type.SUMMARY, new MetricFamily.Point("", withQuantile, value));
  }

  private void add(String name, String help, MetricFamily.Type type, MetricFamily.Point point) {
    Open open = families.computeIfAbsent(name, n -> new Open(help, type, new ArrayList<>()));
    if (open.type != type) {
      throw new IllegalStateException(name + " is a " + open.type + " and a " + type);
    }
    open.points.add(point);
  }

  private static Map<String, String> labels(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "expected names and values in turn, got " + namesAndValues.length + " strings");
    }
    Map<String, String> labels = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      labels.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return labels;
  }

  /** What came so far, in the order of first appearance. */
  List<MetricFamily> families() {
    List<MetricFamily> all = new ArrayList<>();
    families.forEach(
        (name, open) -> all.add(new MetricFamily(name, open.help, open.type, open.points)));
    return all;
  }
}

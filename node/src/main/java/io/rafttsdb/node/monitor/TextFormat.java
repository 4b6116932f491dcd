package io.rafttsdb.node.monitor;

import java.util.List;
import java.util.Map;

/** Prometheus's text format, version 0.0.4. */
public final class TextFormat {

  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private TextFormat() {}

  /** Each family with its HELP and TYPE lines, then a line for each point. */
  public static String print(List<MetricFamily> families) {
    StringBuilder text = new StringBuilder();
    for (MetricFamily family : families) {
      text.append("# HELP ").append(family.name()).append(' ');
      text.append(family.help().replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
      text.append("# TYPE ").append(family.name()).append(' ');
      text.append(family.type().word()).append('\n');
      for (MetricFamily.Point point : family.points()) {
        text.append(family.name()).append(point.suffix());
        labels(text, point.labels());
        text.append(' ').append(number(point.value())).append('\n');
      }
    }
    return text.toString();
  }

  private static void labels(StringBuilder text, Map<String, String> labels) {
    if (labels.isEmpty()) {
      return;
    }
    char before = '{';
    for (Map.Entry<String, String> label : labels.entrySet()) {
      text.append(before).append(label.getKey()).append("=\"");
      text.append(
          label.getValue().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"));
      text.append('"');
      before = ',';
    }
    text.append('}');
  }

  /** As a scraper reads it back to the same bits: whole numbers without a point or an exponent. */
  static String number(double value) {
    if (value == Double.POSITIVE_INFINITY) {
      return "+Inf";
    }
    if (value == Double.NEGATIVE_INFINITY) {
      return "-Inf";
    }
    if (Double.isNaN(value)) {
      return "NaN";
    }
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return whole && (value != 0 || 1 / value > 0)
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}

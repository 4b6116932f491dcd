package io.rafttsdb.node.monitor;

import java.util.List;
import java.util.Map;

/**
 * All points of one metric at one moment.
 *
 * @param name as Prometheus names it, base unit in it
 * @param help one sentence for a person
 */
public record MetricFamily(String name, String help, Type type, List<Point> points) {

  public MetricFamily {
    points = List.copyOf(points);
  }

  /** How its values move; the words of the text format. */
  public enum Type {
    COUNTER("counter"),
    GAUGE("gauge"),
    SUMMARY("summary");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  /**
   * One series of the family.
   *
   * @param suffix what follows the family's name: empty, or {@code _sum} and {@code _count} of a
   *     summary
   * @param labels without the name, in the order to be shown
   */
  public record Point(String suffix, Map<String, String> labels, double value) {}
}

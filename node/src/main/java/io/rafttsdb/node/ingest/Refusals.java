package io.rafttsdb.node.ingest;

import java.util.ArrayList;
import java.util.List;

/**
 * What of a request is refused while the rest is stored: the first ones told, all counted. For one
 * thread.
 */
final class Refusals {

  /** Refusals that the answer tells one by one. */
  static final int TOLD_MAX = 10;

  /** The last line of each answer that tells refusals. */
  static final String END = "all other samples of the request are stored";

  private final List<String> told = new ArrayList<>(0);
  private long count;

  /**
   * A sample.
   *
   * @param reason in Prometheus's words, where it has some
   */
  void add(String series, long timestampMs, String reason) {
    count++;
    if (told.size() < TOLD_MAX) {
      told.add(reason + ": series=" + series + " timestamp=" + timestampMs);
    }
  }

  /**
   * The samples of a series whose labels are wrong: told once, each sample is counted by {@link
   * #addMore}.
   */
  void addBadSeries(String reason) {
    if (told.size() < TOLD_MAX) {
      told.add(reason);
    }
  }

  /** Some more that are not told. */
  void addMore(long more) {
    count += more;
  }

  boolean isEmpty() {
    return count == 0;
  }

  long count() {
    return count;
  }

  /** A line each, and how many there are more. */
  String text() {
    StringBuilder text = new StringBuilder(String.join("\n", told));
    if (count > told.size()) {
      text.append("\nand ").append(count - told.size()).append(" more");
    }
    return text.append('\n').append(END).toString();
  }

  /** A {@link #text} without its last line, to be joined with others. */
  static String withoutEnd(String text) {
    return text.endsWith(END) ? text.substring(0, text.length() - END.length()).strip() : text;
  }
}

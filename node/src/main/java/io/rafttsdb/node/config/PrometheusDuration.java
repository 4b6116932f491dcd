package io.rafttsdb.node.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Prometheus writes them: {@code 1d}, {@code 1h30m}, {@code 500ms}. */
public final class PrometheusDuration {

  private static final Pattern FORM =
      Pattern.compile(
          "(?:(?<y>\\d+)y)?(?:(?<w>\\d+)w)?(?:(?<d>\\d+)d)?(?:(?<h>\\d+)h)?(?:(?<m>\\d+)m)?"
              + "(?:(?<s>\\d+)s)?(?:(?<ms>\\d+)ms)?");
  private static final String[] UNITS = {"y", "w", "d", "h", "m", "s", "ms"};
  private static final long[] UNIT_MS = {
    365L * 86_400_000, 7L * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000, 1
  };

  private PrometheusDuration() {}

  /**
   * Reads units in falling order, each at most once.
   *
   * @throws IllegalArgumentException where the text is no such duration, or more than 292 million
   *     years
   */
  public static Duration parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (text.isEmpty() || !matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a duration, expected one as 500ms, 5s, 30m, 2h or 1d");
    }
    try {
      long ms = 0;
      for (int i = 0; i < UNITS.length; i++) {
        String count = matcher.group(UNITS[i]);
        if (count != null) {
          ms = Math.addExact(ms, Math.multiplyExact(Long.parseLong(count), UNIT_MS[i]));
        }
      }
      return Duration.ofMillis(ms);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("\"" + text + "\" is too long a duration", e);
    }
  }

  /** The shortest text that {@link #parse} reads as this duration, in whole milliseconds. */
  public static String format(Duration duration) {
    long rest = duration.toMillis();
    if (rest == 0) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    for (int i = 2; i < UNITS.length; i++) { // days are the largest unit that needs no thought
      long count = rest / UNIT_MS[i];
      rest -= count * UNIT_MS[i];
      if (count > 0) {
        text.append(count).append(UNITS[i]);
      }
    }
    return text.toString();
  }
}

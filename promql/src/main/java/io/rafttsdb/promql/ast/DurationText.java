package io.rafttsdb.promql.ast;

/** Durations as PromQL writes them: {@code 1h30m}, units falling, each at most once. */
public final class DurationText {

  /** Longest duration, 2^63 nanoseconds (about 292 years), as in Prometheus. */
  public static final long MAX_MS = Long.MAX_VALUE / 1_000_000;

  private static final String[] UNITS = {"y", "w", "d", "h", "m", "s", "ms"};
  private static final long[] UNIT_MS = {
    365L * 24 * 3600 * 1000, 7L * 24 * 3600 * 1000, 24L * 3600 * 1000, 3600_000, 60_000, 1000, 1
  };

  private DurationText() {}

  /**
   * Milliseconds that a text stands for.
   *
   * @throws IllegalArgumentException with Prometheus's words where it is none
   */
  public static long parseMs(String text) {
    if (text.equals("0")) {
      return 0;
    }
    long total = 0;
    int unitsFrom = 0;
    int at = 0;
    while (at < text.length()) {
      int digitsFrom = at;
      while (at < text.length() && isDigit(text.charAt(at))) {
        at++;
      }
      int unitFrom = at;
      while (at < text.length() && !isDigit(text.charAt(at))) {
        at++;
      }
      int unit = unit(text.substring(unitFrom, at), unitsFrom);
      if (unit < 0 || unitFrom == digitsFrom) {
        throw notADuration(text);
      }
      total = addChecked(total, text.substring(digitsFrom, unitFrom), UNIT_MS[unit]);
      unitsFrom = unit + 1;
    }
    if (text.isEmpty()) {
      throw new IllegalArgumentException("empty duration string");
    }
    return total;
  }

  private static long addChecked(long total, String digits, long unitMs) {
    try {
      long sum = Math.addExact(total, Math.multiplyExact(Long.parseLong(digits), unitMs));
      if (sum <= MAX_MS) {
        return sum;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("duration out of range", e);
    }
    throw new IllegalArgumentException("duration out of range");
  }

  private static IllegalArgumentException notADuration(String text) {
    return new IllegalArgumentException("not a valid duration string: " + Quoting.quote(text));
  }

  private static int unit(String name, int from) {
    for (int unit = from; unit < UNITS.length; unit++) {
      if (UNITS[unit].equals(name)) {
        return unit;
      }
    }
    return -1;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /**
   * Shortest text of a duration that is not negative; years and weeks only where they are whole.
   */
  public static String format(long durationMs) {
    if (durationMs == 0) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    long rest = durationMs;
    for (int unit = 0; unit < UNITS.length; unit++) {
      boolean wholeOnly = unit < 2;
      if (wholeOnly && rest % UNIT_MS[unit] != 0) {
        continue;
      }
      long count = rest / UNIT_MS[unit];
      if (count > 0) {
        text.append(count).append(UNITS[unit]);
        rest -= count * UNIT_MS[unit];
      }
    }
    return text.toString();
  }
}

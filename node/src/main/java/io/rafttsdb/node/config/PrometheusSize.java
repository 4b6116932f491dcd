package io.rafttsdb.node.config;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as Prometheus writes them: {@code 512MB}, where a KB has 1,024 bytes, a KiB as well. */
public final class PrometheusSize {

  private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*([KMGTPE]?)I?B");
  private static final List<String> UNITS = List.of("", "K", "M", "G", "T", "P", "E");
  private static final int UNIT_BITS = 10;

  private PrometheusSize() {}

  /**
   * Reads a whole number and a unit.
   *
   * @throws IllegalArgumentException where the text is no such size, or 8 EB or more
   */
  public static long parse(String text) {
    Matcher matcher = FORM.matcher(text.strip().toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a size, expected one as 512MB or 20GB");
    }
    int shift = UNITS.indexOf(matcher.group(2)) * UNIT_BITS;
    long count = Long.parseLong(matcher.group(1));
    if (count > Long.MAX_VALUE >> shift) {
      throw new IllegalArgumentException("\"" + text + "\" is too large a size");
    }
    return count << shift;
  }

  /** The shortest text that {@link #parse} reads as this size. */
  public static String format(long bytes) {
    int unit = 0;
    long count = bytes;
    while (count != 0 && count % (1 << UNIT_BITS) == 0 && unit < UNITS.size() - 1) {
      count >>= UNIT_BITS;
      unit++;
    }
    return count + UNITS.get(unit) + "B";
  }
}

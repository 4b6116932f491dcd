package io.rafttsdb.node.query;

import io.rafttsdb.promql.ast.DurationText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;

/** Times and durations as the parameters of Prometheus's API write them. */
final class TimeText {

  /** Earliest and latest time that Prometheus knows, as its clients send them. */
  private static final String EARLIEST = "-292273086-05-16T16:47:06Z";

  private static final String LATEST = "292277025-08-18T07:12:54.999999999Z";

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,3})?");
  private static final BigDecimal MS_MAX = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final BigDecimal NANOS_MAX = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final int TEXT_LENGTH_MAX = 64;

  private TimeText() {}

  /**
   * Milliseconds since 1970 of a time in seconds or by RFC 3339.
   *
   * @throws IllegalArgumentException with Prometheus's words where the text is neither
   */
  static long timeMs(String text) {
    if (isNumber(text)) {
      BigDecimal ms = new BigDecimal(text).movePointRight(3).setScale(0, RoundingMode.HALF_UP);
      if (ms.abs().compareTo(MS_MAX) <= 0) {
        return ms.longValueExact();
      }
      throw notATime(text);
    }
    return switch (text) {
      case EARLIEST -> -Long.MAX_VALUE;
      case LATEST -> Long.MAX_VALUE;
      default -> rfc3339(text);
    };
  }

  private static long rfc3339(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant().toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw notATime(text);
    }
  }

  private static IllegalArgumentException notATime(String text) {
    return new IllegalArgumentException("cannot parse \"" + text + "\" to a valid timestamp");
  }

  /**
   * A duration in seconds or such as {@code 1h30m}.
   *
   * @throws IllegalArgumentException with Prometheus's words where the text is neither
   */
  static Duration duration(String text) {
    if (isNumber(text)) {
      BigDecimal nanos = new BigDecimal(text).movePointRight(9);
      if (nanos.abs().compareTo(NANOS_MAX) > 0) {
        throw new IllegalArgumentException(
            "cannot parse \"" + text + "\" to a valid duration. It overflows int64");
      }
      return Duration.ofNanos(nanos.longValue());
    }
    try {
      return Duration.ofMillis(DurationText.parseMs(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("cannot parse \"" + text + "\" to a valid duration", e);
    }
  }

  private static boolean isNumber(String text) {
    return text.length() <= TEXT_LENGTH_MAX && NUMBER.matcher(text).matches();
  }
}

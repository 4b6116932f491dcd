package io.rafttsdb.promql.parse;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.promql.ast.Quoting;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Pattern;

/** Values of number and string tokens, by Go's rules for them. */
final class Literals {

  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);
  // Underscores stand between digits only, or between a base's prefix and a digit.
  private static final Pattern UNDERSCORES =
      Pattern.compile("(0[xX]_?)?[0-9a-fA-F.+-]+(_[0-9a-fA-F.+-]+)*");

  private Literals() {}

  /**
   * @throws IllegalArgumentException with the problem in words
   */
  static double number(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (!UNDERSCORES.matcher(lower).matches()) {
      throw invalidNumber(text, "invalid syntax");
    }
    String digits = lower.replace("_", "");
    try {
      if (digits.startsWith("0x")) {
        return integer(text, digits.substring(2), 16);
      }
      if (digits.matches("0[0-7]+")) {
        return integer(text, digits.substring(1), 8);
      }
      double value = Double.parseDouble(digits);
      if (Double.isInfinite(value)) {
        throw invalidNumber(text, "value out of range");
      }
      return value;
    } catch (NumberFormatException e) {
      throw invalidNumber(text, "invalid syntax");
    }
  }

  private static double integer(String text, String digits, int radix) {
    BigInteger value = new BigInteger(digits, radix);
    if (value.compareTo(LONG_MAX) > 0) {
      throw invalidNumber(text, "value out of range");
    }
    return value.longValueExact();
  }

  private static IllegalArgumentException invalidNumber(String text, String problem) {
    return new IllegalArgumentException(
        "error parsing number: strconv.ParseFloat: parsing "
            + Quoting.quote(text)
            + ": "
            + problem);
  }

  /**
   * What a quoted string stands for; bytes that are no UTF-8 become the replacement character.
   *
   * @throws IllegalArgumentException where an escape is none
   */
  static String string(String quoted) {
    char quote = quoted.charAt(0);
    String inner = quoted.substring(1, quoted.length() - 1);
    if (quote == '`' || inner.indexOf('\\') < 0) {
      return inner;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(inner.length());
    int at = 0;
    while (at < inner.length()) {
      int codePoint = inner.codePointAt(at);
      at += Character.charCount(codePoint);
      if (codePoint == '\\') {
        at = escape(quoted, inner, at, bytes);
      } else {
        bytes.writeBytes(Character.toString(codePoint).getBytes(UTF_8));
      }
    }
    return bytes.toString(UTF_8);
  }

  /** Reads what follows a backslash; the end of it. */
  private static int escape(String quoted, String inner, int at, ByteArrayOutputStream bytes) {
    char c = inner.charAt(at);
    int simple = "abfnrtv\\'\"".indexOf(c);
    if (simple >= 0) {
      if ((c == '\'' || c == '"') && c != quoted.charAt(0)) {
        throw invalidString(quoted);
      }
      bytes.write("\u0007\b\f\n\r\t\u000b\\'\"".charAt(simple));
      return at + 1;
    }
    return switch (c) {
      case 'x' -> code(quoted, inner, at + 1, 2, 16, true, bytes);
      case 'u' -> code(quoted, inner, at + 1, 4, 16, false, bytes);
      case 'U' -> code(quoted, inner, at + 1, 8, 16, false, bytes);
      default -> code(quoted, inner, at, 3, 8, true, bytes);
    };
  }

  private static int code(
      String quoted,
      String inner,
      int from,
      int length,
      int radix,
      boolean oneByte,
      ByteArrayOutputStream bytes) {
    long value = 0;
    for (int i = from; i < from + length; i++) {
      int digit = i < inner.length() ? Character.digit(inner.charAt(i), radix) : -1;
      if (digit < 0) {
        throw invalidString(quoted);
      }
      value = value * radix + digit;
    }
    if (oneByte) {
      if (value > 255) {
        throw invalidString(quoted);
      }
      bytes.write((int) value);
    } else {
      boolean surrogate = value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE;
      if (value > Character.MAX_CODE_POINT || surrogate) {
        throw invalidString(quoted);
      }
      bytes.writeBytes(Character.toString((int) value).getBytes(UTF_8));
    }
    return from + length;
  }

  private static IllegalArgumentException invalidString(String quoted) {
    return new IllegalArgumentException(
        "error unquoting string " + Quoting.quote(quoted) + ": invalid syntax");
  }
}

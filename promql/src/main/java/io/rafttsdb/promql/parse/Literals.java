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
    if (c == quoted.charAt(0)) {
      bytes.write(c);
      return at + 1;
    }
    int simple = "abfnrtv\\".indexOf(c);
    if (simple >= 0) {
      bytes.write("\u0007\b\f\n\r\t\u000b\\".charAt(simple));
      return at + 1;
    }
    return switch (c) {
      case 'x' -> oneByte(code(inner, at + 1, 2, 16), at + 3, bytes);
      case 'u' -> codePoint(code(inner, at + 1, 4, 16), at + 5, bytes);
      case 'U' -> codePoint(code(inner, at + 1, 8, 16), at + 9, bytes);
      case '0', '1', '2', '3', '4', '5', '6', '7' -> oneByte(code(inner, at, 3, 8), at + 3, bytes);
      default ->
          throw new IllegalArgumentException(
              "unknown escape sequence " + named(inner.codePointAt(at)));
    };
  }

  private static long code(String inner, int from, int length, int radix) {
    long value = 0;
    for (int i = from; i < from + length; i++) {
      if (i >= inner.length()) {
        throw new IllegalArgumentException("escape sequence not terminated");
      }
      int digit = Character.digit(inner.charAt(i), radix);
      if (digit < 0 || inner.charAt(i) > 'f') {
        throw new IllegalArgumentException(
            "illegal character " + named(inner.codePointAt(i)) + " in escape sequence");
      }
      value = value * radix + digit;
    }
    return value;
  }

  private static int oneByte(long code, int end, ByteArrayOutputStream bytes) {
    if (code > 255) {
      throw notACodePoint();
    }
    bytes.write((int) code);
    return end;
  }

  private static int codePoint(long code, int end, ByteArrayOutputStream bytes) {
    boolean surrogate = code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE;
    if (code > Character.MAX_CODE_POINT || surrogate) {
      throw notACodePoint();
    }
    bytes.writeBytes(Character.toString((int) code).getBytes(UTF_8));
    return end;
  }

  private static IllegalArgumentException notACodePoint() {
    return new IllegalArgumentException("escape sequence is an invalid Unicode code point");
  }

  /** A character as Go's %#U writes it. */
  private static String named(int codePoint) {
    return String.format(Locale.ROOT, "U+%04X '%s'", codePoint, Character.toString(codePoint));
  }
}

package io.rafttsdb.node.query;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Sample values as Prometheus writes them: the fewest digits that read back as the same number, in
 * plain decimal; with an exponent of at least two digits below 1e-6 and from 1e21 on.
 */
final class FloatText {

  /** Bytes that one number takes at most. */
  static final int BYTES_MAX = 32;

  private static final double PLAIN_MIN = 1e-6;
  private static final double PLAIN_END = 1e21;

  /** Below it every whole number is a double of its own, whose shortest digits are all it has. */
  private static final double WHOLE_END = 1L << 53;

  private static final byte[] NAN = "NaN".getBytes(US_ASCII);
  private static final byte[] INFINITE = "Inf".getBytes(US_ASCII);

  private FloatText() {}

  /** Writes a value at a place with {@link #BYTES_MAX} bytes left, and returns the end. */
  static int write(double value, byte[] out, int at) {
    if (Double.isNaN(value)) {
      return copy(NAN, out, at);
    }
    double abs = Math.abs(value);
    if (Double.doubleToRawLongBits(value) < 0) {
      out[at++] = '-';
    } else if (Double.isInfinite(value)) {
      out[at++] = '+';
    }
    if (Double.isInfinite(value)) {
      return copy(INFINITE, out, at);
    }
    if (abs < WHOLE_END && abs == (long) abs) {
      return writeWhole((long) abs, out, at);
    }
    return new Digits(abs).write(out, at, abs < PLAIN_MIN || abs >= PLAIN_END);
  }

  /** Writes a whole number that is not negative, and returns the end. */
  static int writeWhole(long value, byte[] out, int at) {
    int end = at + 1;
    for (long rest = value / 10; rest > 0; rest /= 10) {
      end++;
    }
    long rest = value;
    for (int i = end - 1; i >= at; i--) {
      out[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return end;
  }

  /** The same as a string. */
  static String of(double value) {
    byte[] bytes = new byte[BYTES_MAX];
    return new String(bytes, 0, write(value, bytes, 0), US_ASCII);
  }

  private static int copy(byte[] text, byte[] out, int at) {
    System.arraycopy(text, 0, out, at, text.length);
    return at + text.length;
  }

  /** The shortest digits of a positive number: 0.d1d2d3... times a power of ten. */
  private static final class Digits {
    private final byte[] digits = new byte[BYTES_MAX];
    private int count;
    private int pointAt;

    Digits(double value) {
      read(Double.toString(value));
      // Java gives two digits even where one would do, which only happens at the very smallest.
      if (count == 2 && value < Double.MIN_NORMAL) {
        Digits one = rounded();
        if (Double.parseDouble(one.scientific()) == value) {
          digits[0] = one.digits[0];
          count = 1;
          pointAt = one.pointAt;
        }
      }
    }

    private Digits() {}

    /** Reads {@code 123.45} or {@code 1.2345E67}. */
    private void read(String text) {
      int exponentAt = text.indexOf('E');
      int end = exponentAt < 0 ? text.length() : exponentAt;
      int exponent = exponentAt < 0 ? 0 : Integer.parseInt(text, end + 1, text.length(), 10);
      boolean fraction = false;
      for (int i = 0; i < end; i++) {
        char c = text.charAt(i);
        if (c == '.') {
          fraction = true;
        } else if (count > 0 || c != '0') {
          digits[count++] = (byte) c;
          pointAt += fraction ? 0 : 1;
        } else if (fraction) {
          pointAt--;
        }
      }
      while (count > 1 && digits[count - 1] == '0') {
        count--;
      }
      pointAt += exponent;
    }

    /** Two digits rounded to one. */
    private Digits rounded() {
      Digits one = new Digits();
      int digit = digits[0] - '0' + (digits[1] >= '5' ? 1 : 0);
      one.count = 1;
      one.digits[0] = (byte) ('0' + (digit == 10 ? 1 : digit));
      one.pointAt = pointAt + (digit == 10 ? 1 : 0);
      return one;
    }

    private String scientific() {
      byte[] bytes = new byte[BYTES_MAX];
      return new String(bytes, 0, write(bytes, 0, true), US_ASCII);
    }

    int write(byte[] out, int at, boolean withExponent) {
      return withExponent ? withExponent(out, at) : plain(out, at);
    }

    private int plain(byte[] out, int at) {
      int next = at;
      if (pointAt <= 0) {
        out[next++] = '0';
        out[next++] = '.';
        for (int zeros = pointAt; zeros < 0; zeros++) {
          out[next++] = '0';
        }
      }
      for (int i = 0; i < Math.max(count, pointAt); i++) {
        if (i == pointAt && i > 0) {
          out[next++] = '.';
        }
        out[next++] = i < count ? digits[i] : (byte) '0';
      }
      return next;
    }

    private int withExponent(byte[] out, int at) {
      int next = at;
      out[next++] = digits[0];
      if (count > 1) {
        out[next++] = '.';
        System.arraycopy(digits, 1, out, next, count - 1);
        next += count - 1;
      }
      int exponent = pointAt - 1;
      out[next++] = 'e';
      out[next++] = (byte) (exponent < 0 ? '-' : '+');
      if (Math.abs(exponent) < 10) {
        out[next++] = '0';
      }
      return writeWhole(Math.abs(exponent), out, next);
    }
  }
}

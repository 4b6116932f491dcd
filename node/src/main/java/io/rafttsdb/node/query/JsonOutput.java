package io.rafttsdb.node.query;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.storage.model.Labels;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes JSON as Prometheus does, through a buffer of its own. It keeps no account of nesting: the
 * caller writes brackets, colons and commas by {@link #raw}. For one thread; {@link #flush} at the
 * end.
 */
final class JsonOutput {
  private static final int BUFFER_BYTES = 16 << 10;

  /** A time, a value, and what is around them. */
  private static final int SAMPLE_BYTES_MAX = 2 * FloatText.BYTES_MAX;

  private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

  private final OutputStream out;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int length;

  JsonOutput(OutputStream out) {
    this.out = out;
  }

  /** Text of ASCII that is JSON already. */
  void raw(String json) throws IOException {
    write(json.getBytes(US_ASCII));
  }

  private void write(byte[] bytes) throws IOException {
    int from = 0;
    while (from < bytes.length) {
      reserve(1);
      int part = Math.min(bytes.length - from, buffer.length - length);
      System.arraycopy(bytes, from, buffer, length, part);
      length += part;
      from += part;
    }
  }

  /** Any text as a JSON string. */
  void string(String text) throws IOException {
    raw("\"");
    byte[] bytes = text.getBytes(UTF_8);
    if (isPlain(bytes)) {
      write(bytes);
    } else {
      escaped(bytes);
    }
    raw("\"");
  }

  private static boolean isPlain(byte[] bytes) {
    for (byte b : bytes) {
      if ((b >= 0 && b < ' ') || b == '"' || b == '\\') {
        return false;
      }
    }
    return true;
  }

  private void escaped(byte[] bytes) throws IOException {
    for (byte b : bytes) {
      reserve(6);
      if (b == '"' || b == '\\') {
        buffer[length++] = '\\';
        buffer[length++] = b;
      } else if (b < 0 || b >= ' ') {
        buffer[length++] = b;
      } else {
        control(b);
      }
    }
  }

  private void control(byte b) {
    buffer[length++] = '\\';
    switch (b) {
      case '\n' -> buffer[length++] = 'n';
      case '\r' -> buffer[length++] = 'r';
      case '\t' -> buffer[length++] = 't';
      default -> {
        buffer[length++] = 'u';
        buffer[length++] = '0';
        buffer[length++] = '0';
        buffer[length++] = HEX[b >> 4];
        buffer[length++] = HEX[b & 15];
      }
    }
  }

  /** An array of strings. */
  void strings(List<String> texts) throws IOException {
    raw("[");
    for (int i = 0; i < texts.size(); i++) {
      if (i > 0) {
        raw(",");
      }
      string(texts.get(i));
    }
    raw("]");
  }

  /** An object with the labels in their order. */
  void labels(Labels labels) throws IOException {
    List<String> namesAndValues = new ArrayList<>(labels.count() * 2);
    labels.forEach((name, value) -> {
      namesAndValues.add(name);
      namesAndValues.add(value);
    });
    raw("{");
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      if (i > 0) {
        raw(",");
      }
      string(namesAndValues.get(i));
      raw(":");
      string(namesAndValues.get(i + 1));
    }
    raw("}");
  }

  /** A time in seconds. */
  void time(long timeMs) throws IOException {
    reserve(SAMPLE_BYTES_MAX);
    seconds(timeMs);
  }

  /** A sample: {@code [time,"value"]}. */
  void sample(long timeMs, double value) throws IOException {
    reserve(SAMPLE_BYTES_MAX);
    buffer[length++] = '[';
    seconds(timeMs);
    buffer[length++] = ',';
    buffer[length++] = '"';
    length = FloatText.write(value, buffer, length);
    buffer[length++] = '"';
    buffer[length++] = ']';
  }

  /** Seconds: whole ones without a point, others with three decimals. */
  private void seconds(long timeMs) {
    if (timeMs < 0) {
      buffer[length++] = '-';
    }
    // Of both signs: the smallest number of milliseconds has no positive counterpart.
    length = FloatText.writeWhole(Math.abs(timeMs / 1000), buffer, length);
    int fraction = (int) Math.abs(timeMs % 1000);
    if (fraction != 0) {
      buffer[length++] = '.';
      buffer[length++] = (byte) ('0' + fraction / 100);
      buffer[length++] = (byte) ('0' + fraction / 10 % 10);
      buffer[length++] = (byte) ('0' + fraction % 10);
    }
  }

  private void reserve(int bytes) throws IOException {
    if (length + bytes > buffer.length) {
      flush();
    }
  }

  /** Hands over what is in the buffer. */
  void flush() throws IOException {
    out.write(buffer, 0, length);
    length = 0;
  }
}

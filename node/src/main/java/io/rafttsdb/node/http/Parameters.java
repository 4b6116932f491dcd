package io.rafttsdb.node.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code a=1&b=2} of a URL or of a form body. A semicolon separates nothing. */
final class Parameters {

  static final String FORM = "application/x-www-form-urlencoded";

  /** Parameters of one request, so that a body of ampersands makes no million objects. */
  static final int COUNT_MAX = 10_000;

  private final Map<String, List<String>> values = new LinkedHashMap<>();
  private int count;

  private Parameters() {}

  /**
   * Parameters of a form body, if it is one, and then of the URL.
   *
   * @param query the part of the URL after the question mark, or empty
   * @throws IllegalArgumentException on a percent sign that no two hexadecimal digits follow, or
   *     more than {@link #COUNT_MAX} parameters
   */
  static Map<String, List<String>> of(String query, @Nullable String contentType, byte[] body) {
    Parameters parameters = new Parameters();
    if (contentType != null && contentType.regionMatches(true, 0, FORM, 0, FORM.length())) {
      parameters.add(new String(body, UTF_8));
    }
    parameters.add(query);
    return parameters.values;
  }

  private void add(String pairs) {
    int start = 0;
    while (start < pairs.length()) {
      int end = pairs.indexOf('&', start);
      if (end < 0) {
        end = pairs.length();
      }
      if (end > start) {
        addPair(pairs.substring(start, end));
      }
      start = end + 1;
    }
  }

  private void addPair(String pair) {
    if (++count > COUNT_MAX) {
      throw new IllegalArgumentException("more than " + COUNT_MAX + " parameters");
    }
    int equals = pair.indexOf('=');
    String name = equals < 0 ? pair : pair.substring(0, equals);
    String value = equals < 0 ? "" : pair.substring(equals + 1);
    values
        .computeIfAbsent(URLDecoder.decode(name, UTF_8), key -> new ArrayList<>(1))
        .add(URLDecoder.decode(value, UTF_8));
  }
}

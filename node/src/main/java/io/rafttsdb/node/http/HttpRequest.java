package io.rafttsdb.node.http;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request, read to its end.
 *
 * @param method as sent, upper case; HEAD arrives at handlers as GET
 * @param path still percent-encoded, without the query part
 * @param parameters of the URL and of a form body, those of the body first
 * @param headers by lower-case name; repeated ones joined by commas
 * @param segments what the named segments of the route matched, decoded
 * @param body belongs to the request; nobody else changes it
 */
@SuppressWarnings("ArrayRecordComponent") // handed through once, never compared
public record HttpRequest(
    String method,
    String path,
    Map<String, List<String>> parameters,
    Map<String, String> headers,
    Map<String, String> segments,
    byte[] body) {

  /** First value of a parameter, or null where it was not sent. */
  public @Nullable String parameter(String name) {
    List<String> values = parameters.get(name);
    return values == null ? null : values.getFirst();
  }

  /** All values of a parameter in the order in which they were sent. */
  public List<String> parameterValues(String name) {
    return parameters.getOrDefault(name, List.of());
  }

  /** A header by its name in any case, or null where it was not sent. */
  public @Nullable String header(String name) {
    return headers.get(name.toLowerCase(Locale.ROOT));
  }

  /** What a named segment of the route matched, decoded. */
  public String segment(String name) {
    String value = segments.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the route has no segment {" + name + "}");
    }
    return value;
  }
}

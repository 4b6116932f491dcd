package io.rafttsdb.node.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the handler of a path: exact paths, and patterns with segments in braces, such as {@code
 * /api/v1/label/{name}/values}, each of which matches one segment that is not empty. An exact path
 * comes before a pattern. Immutable.
 */
public final class Router {

  /** Route of a request that no route matched. */
  public static final String NO_ROUTE = "none";

  private record Route(String pattern, List<String> segments, Map<String, HttpHandler> byMethod) {}

  private final Map<String, Route> exact;
  private final List<Route> patterns;

  private Router(Map<String, Route> exact, List<Route> patterns) {
    this.exact = Map.copyOf(exact);
    this.patterns = List.copyOf(patterns);
  }

  /** What became of a look-up. */
  sealed interface Match {
    record Found(String route, HttpHandler handler, Map<String, String> segments)
        implements Match {}

    /** The path is known, the method is not. {@code allow}: the header's value. */
    record WrongMethod(String route, String allow) implements Match {}

    record Unknown() implements Match {}
  }

  /**
   * @throws IllegalArgumentException where a segment is not percent-encoded as it must be
   */
  Match match(String method, String path) {
    Route route = exact.get(path);
    Map<String, String> segments = Map.of();
    if (route == null) {
      List<String> parts = List.of(path.split("/", -1));
      for (Route candidate : patterns) {
        if (fits(candidate.segments, parts)) {
          route = candidate;
          segments = named(candidate.segments, parts);
          break;
        }
      }
    }
    if (route == null) {
      return new Match.Unknown();
    }
    HttpHandler handler = route.byMethod.get(method.equals("HEAD") ? "GET" : method);
    if (handler == null) {
      return new Match.WrongMethod(route.pattern, allow(route.byMethod.keySet()));
    }
    return new Match.Found(route.pattern, handler, segments);
  }

  private static boolean fits(List<String> segments, List<String> parts) {
    if (segments.size() != parts.size()) {
      return false;
    }
    for (int i = 0; i < parts.size(); i++) {
      if (isNamed(segments.get(i))
          ? parts.get(i).isEmpty()
          : !segments.get(i).equals(parts.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static Map<String, String> named(List<String> segments, List<String> parts) {
    Map<String, String> named = new HashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      String name = segments.get(i);
      if (isNamed(name)) {
        // In a path a plus sign is a plus sign.
        String escaped = parts.get(i).replace("+", "%2B");
        named.put(
            name.substring(1, name.length() - 1),
            URLDecoder.decode(escaped, StandardCharsets.UTF_8));
      }
    }
    return Map.copyOf(named);
  }

  private static boolean isNamed(String segment) {
    return segment.startsWith("{");
  }

  private static String allow(Set<String> methods) {
    TreeSet<String> allowed = new TreeSet<>(methods);
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    allowed.add("OPTIONS");
    return String.join(", ", allowed);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects routes; not for several threads. */
  public static final class Builder {
    private final Map<String, Route> routes = new HashMap<>();
    private final List<Route> patterns = new ArrayList<>();

    private Builder() {}

    /** A route for GET, which answers HEAD too. */
    public Builder get(String pattern, HttpHandler handler) {
      return add("GET", pattern, handler);
    }

    public Builder post(String pattern, HttpHandler handler) {
      return add("POST", pattern, handler);
    }

    /** A route for both; a form body's fields join the URL's parameters. */
    public Builder getOrPost(String pattern, HttpHandler handler) {
      return get(pattern, handler).post(pattern, handler);
    }

    /**
     * A route for one method.
     *
     * @throws IllegalArgumentException where the method and pattern have a handler already
     */
    public Builder add(String method, String pattern, HttpHandler handler) {
      Route route = routes.get(pattern);
      if (route == null) {
        route = new Route(pattern, List.of(pattern.split("/", -1)), new HashMap<>());
        routes.put(pattern, route);
        if (pattern.contains("{")) {
          patterns.add(route);
        }
      }
      if (route.byMethod.putIfAbsent(method, handler) != null) {
        throw new IllegalArgumentException(method + " " + pattern + " has a handler already");
      }
      return this;
    }

    public Router build() {
      return new Router(routes, patterns);
    }
  }
}

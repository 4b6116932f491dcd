package io.rafttsdb.jepsen;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An answer of Prometheus's HTTP API, of either program.
 *
 * @param body the JSON as maps, lists, texts and numbers
 */
record ApiAnswer(int status, Map<String, Object> body) {

  /** Java's and Go's exp, log, pow, sin and so on differ in the last bits, and sums add them up. */
  private static final double RELATIVE_MAX = 1e-9;

  /** Sends parameters as a form. */
  static ApiAnswer of(HttpClient client, URI server, String path, Map<String, String> parameters)
      throws IOException, InterruptedException {
    String form =
        parameters.entrySet().stream()
            .map(each -> each.getKey() + "=" + encoded(each.getValue()))
            .collect(Collectors.joining("&"));
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(server.resolve(path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form))
                .build(),
            BodyHandlers.ofString());
    return new ApiAnswer(response.statusCode(), parse(response.body()));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static Map<String, Object> parse(String json) {
    return ConfigFactory.parseString(
            json, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON))
        .root()
        .unwrapped();
  }

  boolean isSuccess() {
    return status == 200;
  }

  /** What an error is of, and its text. */
  String error() {
    return body.get("errorType") + ": " + body.get("error");
  }

  /** Whether there is a series or a number in it. */
  boolean hasResult() {
    return body.get("data") instanceof Map<?, ?> data
        && data.get("result") instanceof List<?> result
        && !result.isEmpty();
  }

  /**
   * Whether both say the same: numbers all but equal, a vector or matrix in any order. Of errors
   * the status and the type; their words are not compared.
   */
  boolean isLike(ApiAnswer other) {
    return status == other.status
        && (isSuccess()
            ? isLike(sorted(body.get("data")), sorted(other.body.get("data")))
            : Objects.equals(body.get("errorType"), other.body.get("errorType")));
  }

  private static @Nullable Object sorted(@Nullable Object data) {
    if (data instanceof Map<?, ?> map
        && map.get("result") instanceof List<?> result
        && result.stream().allMatch(Map.class::isInstance)) {
      return result.stream()
          .map(each -> (Map<?, ?>) each)
          .collect(Collectors.groupingBy(each -> String.valueOf(each.get("metric"))))
          .entrySet()
          .stream()
          .sorted(Map.Entry.comparingByKey())
          .map(each -> List.of(each.getKey(), each.getValue()))
          .toList();
    }
    return data;
  }

  private static boolean isLike(@Nullable Object a, @Nullable Object b) {
    if (a instanceof List<?> left && b instanceof List<?> right) {
      Iterator<?> others = right.iterator();
      return left.size() == right.size()
          && left.stream().allMatch(each -> isLike(each, others.next()));
    }
    if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
      return left.keySet().equals(right.keySet())
          && left.keySet().stream().allMatch(key -> isLike(left.get(key), right.get(key)));
    }
    return Objects.equals(a, b)
        || (a instanceof String left && b instanceof String right && areNear(left, right));
  }

  private static boolean areNear(String a, String b) {
    try {
      double left = Double.parseDouble(a);
      double right = Double.parseDouble(b);
      return Math.abs(left - right) <= RELATIVE_MAX * Math.max(Math.abs(left), Math.abs(right));
    } catch (NumberFormatException _) {
      return false;
    }
  }
}

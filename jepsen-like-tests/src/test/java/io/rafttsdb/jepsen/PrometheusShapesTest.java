package io.rafttsdb.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Requests of every kind, good and bad, to an empty Prometheus and an empty node. */
class PrometheusShapesTest {

  private static final Pattern ERROR_TYPE = Pattern.compile("\"errorType\":\"([a-z_]+)\"");

  @RegisterExtension final Workshop workshop = new Workshop();

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Path and parameters, as they stand in a URL; GET and POST are sent of each. */
  private static final List<String> REQUESTS =
      List.of(
          "query?query=1&time=1",
          "query?query=1&time=0.5",
          "query?query=-0&time=1.0005",
          "query?query=1&time=1970-01-01T00:00:01Z",
          "query?query=1&time=1970-01-01T00:00:01.5%2B01:00",
          "query?query=1&time=x",
          "query?query=1&time=1&timeout=x",
          "query?query=1&time=1&timeout=1m",
          "query?query=1&time=1&limit=-1",
          "query?query=1&time=1&limit=x",
          "query?query=1&time=1&limit=0",
          "query?query=1&time=1&lookback_delta=x",
          "query?query=1&time=NaN",
          "query?time=1",
          "query?query=&time=1",
          "query?query=1%2B&time=1",
          "query?query=%22s%22&time=1",
          "query?query=up[5m]&time=1",
          "query?query=vector(1e21)&time=1",
          "query?query=vector(1e-7)&time=1",
          "query?query=vector(-Inf)&time=1.25",
          "query?query=vector(NaN)&time=1.25",
          "query?query=nothing(1)&time=1",
          "query?query=rate(up)&time=1",
          "query?query={}&time=1",
          "query?query=up[0s]&time=1",
          "query?query=label_replace(vector(1),%22a%22,%22b%22,%22c%22,%22(%22)&time=1",
          "query_range?query=1&start=0&end=10&step=5",
          "query_range?query=1&start=0&end=10&step=5s",
          "query_range?query=1&start=0&end=10&step=0",
          "query_range?query=1&start=0&end=10&step=-1",
          "query_range?query=1&start=0&end=10&step=x",
          "query_range?query=1&start=0&end=10",
          "query_range?query=1&start=0&step=1",
          "query_range?query=1&end=10&step=1",
          "query_range?query=1&start=10&end=0&step=1",
          "query_range?query=1&start=0&end=11001&step=1",
          "query_range?query=%22s%22&start=0&end=10&step=1",
          "query_range?query=up[1m]&start=0&end=10&step=1",
          "query_range?query=1&start=x&end=10&step=1",
          "query_range?query=1&start=0&end=10&step=1&timeout=x",
          "query_range?query=1&start=0&end=10&step=1&limit=x",
          "format_query?query=a%2Bb",
          "format_query?query=a%2B",
          "format_query",
          "parse_query?query=a%2Bb",
          "parse_query?query=a%2B",
          "parse_query",
          "series",
          "series?match[]=up",
          "series?match[]={}",
          "series?match[]=up[5m]",
          "series?match[]=up&start=x",
          "series?match[]=up&end=x",
          "series?match[]=up&limit=x",
          "series?match[]=up&start=10&end=1",
          "labels",
          "labels?match[]=up{",
          "labels?start=x",
          "labels?limit=-1",
          "label/job/values",
          "label/job/values?match[]=up{",
          "label/job/values?start=x",
          "label/job/values?limit=x",
          "label//values",
          "query_exemplars?query=up&start=0&end=1",
          "query_exemplars?query=up&start=1&end=0",
          "query_exemplars?query=up%2B",
          "metadata",
          "metadata?limit=x",
          "targets",
          "targets/metadata",
          "targets/metadata?limit=x",
          "scrape_pools",
          "alertmanagers",
          "notifications",
          "rules",
          "alerts",
          "status/walreplay",
          "no_such_thing");

  private static final String NOT_LOOKED_AT = "its parameters are not looked at: nothing is stored";

  /** What differs, with the reason. */
  private static final Map<String, String> KNOWN =
      Map.of(
          "query?query=-0&time=1.0005",
          "half a millisecond is rounded up here; there the binary fraction is cut or rounded",
          "query?query=1&time=NaN",
          "NaN is no time here; there it is what the overflow of an integer gives",
          "label//values",
          "Prometheus's router sends a client to the path without the empty part",
          "query_exemplars?query=up&start=1&end=0",
          NOT_LOOKED_AT,
          "GET metadata?limit=x",
          NOT_LOOKED_AT,
          "GET targets/metadata?limit=x",
          NOT_LOOKED_AT);

  private record Shape(int status, String errorType, String body) {
    static Shape of(HttpResponse<String> response) {
      String body = response.body();
      Matcher type = ERROR_TYPE.matcher(body);
      String error = type.find() ? type.group(1) : "";
      return new Shape(response.statusCode(), error, response.statusCode() == 200 ? body : "");
    }
  }

  @Test
  void bothAnswerTheSameShapes() throws Exception {
    LongerSuite.assumeWanted();
    Path program = Prometheus.programOrSkip();
    URI theirs = workshop.use(Prometheus.startAsReceiver(workshop, program)).http();
    URI ours = workshop.cluster(1).start().node(1).http();
    List<String> differences = new ArrayList<>();
    for (String request : REQUESTS) {
      for (boolean post : List.of(false, true)) {
        Shape expected = ask(theirs, request, post);
        Shape actual = ask(ours, request, post);
        String name = (post ? "POST " : "GET ") + request;
        boolean known = KNOWN.containsKey(request) || KNOWN.containsKey(name);
        if (expected.equals(actual) == known) {
          differences.add("%s%n  Prometheus %s%n  here       %s".formatted(name, expected, actual));
        }
      }
    }
    assertThat(differences).isEmpty();
  }

  private Shape ask(URI server, String request, boolean post)
      throws IOException, InterruptedException {
    String text = request.replace("[", "%5B").replace("]", "%5D");
    text = text.replace("{", "%7B").replace("}", "%7D");
    String[] parts = text.split("\\?", 2);
    String form = parts.length > 1 ? parts[1] : "";
    HttpRequest.Builder builder =
        post
            ? HttpRequest.newBuilder(server.resolve("/api/v1/" + parts[0]))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form))
            : HttpRequest.newBuilder(server.resolve("/api/v1/" + text));
    return Shape.of(client.send(builder.build(), BodyHandlers.ofString()));
  }
}

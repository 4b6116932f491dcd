package io.rafttsdb.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.node.members.JsonFields;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** Of the commands that ask a cluster: where it is, and how it is asked. */
final class ClusterUrl {

  private static final String MEMBERS = "/api/v1/cluster/members";
  private static final String LEADER = "/api/v1/cluster/leader";
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration ANSWER_LIMIT = Duration.ofMinutes(2);
  private static final int ANSWER_BYTES_MAX = 1 << 20;
  private static final int DONE = 200;
  private static final int UNDERWAY = 202;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "Any node of the cluster (default: ${DEFAULT-VALUE}).",
      defaultValue = "http://127.0.0.1:9090")
  private URI url;

  /** Called by picocli, which sets the field. */
  @SuppressWarnings("NullAway.Init")
  ClusterUrl() {}

  static String membersPath() {
    return MEMBERS;
  }

  static String memberPath(String name) {
    return MEMBERS + "/" + escaped(name);
  }

  static String settingsPath() {
    return "/api/v1/cluster/settings";
  }

  static String leaderPath() {
    return LEADER;
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }

  /**
   * Asks for a change and prints how it goes; asks again while it is under way.
   *
   * @return the exit code
   */
  int change(String method, String path, Map<String, String> parameters, PrintWriter out)
      throws InterruptedException {
    String told = "";
    try (HttpClient client = client()) {
      while (true) {
        HttpResponse<String> answer = ask(client, method, path, parameters, ANSWER_LIMIT);
        String text = answer.body().strip();
        if (answer.statusCode() != UNDERWAY) {
          out.println(answer.statusCode() == DONE ? text : "not done: " + text);
          out.flush();
          return answer.statusCode() == DONE ? ExitCode.OK : ExitCode.NOT_DONE;
        }
        if (!text.equals(told)) {
          out.println(text);
          out.flush();
          told = text;
        }
      }
    } catch (IOException e) {
      out.println(failure(e));
      out.flush();
      return ExitCode.NOT_DONE;
    }
  }

  /** The body of an answer. */
  String get(String path) throws IOException, InterruptedException {
    return answer("GET", path, Map.of());
  }

  /** The body of the answer to a change that is done at once. */
  String post(String path, Map<String, String> parameters)
      throws IOException, InterruptedException {
    return answer("POST", path, parameters);
  }

  private String answer(String method, String path, Map<String, String> parameters)
      throws IOException, InterruptedException {
    try (HttpClient client = client()) {
      HttpResponse<String> answer = ask(client, method, path, parameters, ANSWER_LIMIT);
      if (answer.statusCode() != DONE) {
        throw new IOException(answer.statusCode() + ": " + answer.body().strip());
      }
      return answer.body();
    }
  }

  /**
   * Asks an endpoint of the admin API for work that may take so long.
   *
   * @return its JSON
   * @throws IOException where it was not done, with the text that says why
   */
  String admin(String path, Map<String, String> parameters, Duration limit)
      throws IOException, InterruptedException {
    HttpResponse<String> answer;
    try (HttpClient client = client()) {
      answer = ask(client, "POST", path, parameters, limit);
    }
    if (answer.statusCode() == DONE) {
      return answer.body();
    }
    String problem = answer.body().strip();
    if (problem.startsWith("{")) {
      problem = JsonFields.of(problem.getBytes(UTF_8)).getOrDefault("error", problem);
    }
    throw new IOException("says: " + problem);
  }

  String failure(IOException e) {
    String why = e instanceof ConnectException ? "can't be reached" : e.getMessage() + "";
    return "not done: " + url + " " + why;
  }

  private static HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(CONNECT_LIMIT)
        .build();
  }

  private HttpResponse<String> ask(
      HttpClient client, String method, String path, Map<String, String> parameters, Duration limit)
      throws IOException, InterruptedException {
    StringBuilder query = new StringBuilder();
    new TreeMap<>(parameters)
        .forEach((name, value) ->
            query
                .append(query.isEmpty() ? '?' : '&')
                .append(escaped(name))
                .append('=')
                .append(escaped(value)));
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve(path + query))
            .timeout(limit)
            .method(method, BodyPublishers.noBody())
            .build();
    return client.send(
        request, BodyHandlers.limiting(BodyHandlers.ofString(UTF_8), ANSWER_BYTES_MAX));
  }
}

package io.rafttsdb.storage.compact;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.rafttsdb.storage.model.Labels;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Prometheus server that scrapes nothing, on a data directory of blocks. */
public final class StockPrometheus implements AutoCloseable {

  private static final Pattern LISTENING =
      Pattern.compile("Listening on.*address=([0-9.]+:[0-9]+)");

  private final Process process;
  private final URI http;

  private StockPrometheus(Process process, URI http) {
    this.process = process;
    this.http = http;
  }

  /** Starts it and waits until it says that it is ready. */
  public static StockPrometheus start(Path program, Path data) throws IOException {
    Path config = Files.writeString(data.resolve("prometheus.yml"), "scrape_configs: []\n");
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + data,
                "--storage.tsdb.retention.time=100y",
                "--web.listen-address=127.0.0.1:0")
            .redirectErrorStream(true)
            .start();
    List<String> log = new ArrayList<>();
    try {
      URI http = null;
      BufferedReader lines = process.inputReader(UTF_8);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        log.add(line);
        Matcher listening = LISTENING.matcher(line);
        if (listening.find()) {
          http = URI.create("http://" + listening.group(1));
        }
        if (http != null && line.contains("Server is ready")) {
          Thread.ofVirtual().start(() -> lines.lines().forEach(rest -> {}));
          return new StockPrometheus(process, http);
        }
      }
      throw new IOException(program + " ended before it was ready: " + String.join("\n", log));
    } catch (IOException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /**
   * What a range selector gives: values as text, by series and time; of a native histogram {@code
   * count/sum}.
   */
  public SortedMap<Labels, SortedMap<Long, String>> query(String selector, double timeSeconds)
      throws IOException, InterruptedException {
    SortedMap<Labels, SortedMap<Long, String>> found = new TreeMap<>();
    answer(http, selector, timeSeconds)
        .forEach((labels, series) -> found.put(labels, samples(series)));
    return found;
  }

  /** What this server gives for a query, all of it. */
  public SortedMap<Labels, Map<?, ?>> answer(String query, double timeSeconds)
      throws IOException, InterruptedException {
    return answer(http, query, timeSeconds);
  }

  /** What a server gives for a query: series by series what stands in the answer. */
  public static SortedMap<Labels, Map<?, ?>> answer(URI http, String query, double timeSeconds)
      throws IOException, InterruptedException {
    String parameters =
        "query=" + URLEncoder.encode(query, UTF_8) + "&time=" + Double.toString(timeSeconds);
    HttpResponse<String> response;
    try (HttpClient client = HttpClient.newHttpClient()) {
      response =
          client.send(
              HttpRequest.newBuilder(http.resolve("/api/v1/query?" + parameters)).build(),
              BodyHandlers.ofString());
    }
    if (response.statusCode() != 200) {
      throw new IOException(response.statusCode() + ": " + response.body());
    }
    SortedMap<Labels, Map<?, ?>> found = new TreeMap<>();
    Object parsed = parse(response.body());
    for (Object series : (List<?>) get(get(parsed, "data"), "result")) {
      Labels.Builder labels = Labels.EMPTY.toBuilder();
      ((Map<?, ?>) get(series, "metric"))
          .forEach((name, value) -> labels.set((String) name, (String) value));
      found.put(labels.build(), (Map<?, ?>) series);
    }
    return found;
  }

  private static SortedMap<Long, String> samples(Map<?, ?> series) {
    SortedMap<Long, String> samples = new TreeMap<>();
    for (Object pair : series.get("values") instanceof List<?> values ? values : List.of()) {
      samples.put(milliseconds(pair), (String) ((List<?>) pair).get(1));
    }
    for (Object pair : series.get("histograms") instanceof List<?> values ? values : List.of()) {
      Object histogram = ((List<?>) pair).get(1);
      samples.put(milliseconds(pair), get(histogram, "count") + "/" + get(histogram, "sum"));
    }
    return samples;
  }

  private static long milliseconds(Object pair) {
    return Math.round((Double) ((List<?>) pair).getFirst() * 1000);
  }

  private static Object get(Object map, String key) {
    Object value = ((Map<?, ?>) map).get(key);
    if (value == null) {
      throw new IllegalStateException("expected " + key + " in " + map);
    }
    return value;
  }

  private static Object parse(String json) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      parser.nextToken();
      return value(parser);
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      Map<String, Object> fields = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        fields.put(name, value(parser));
      }
      return fields;
    }
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      List<Object> items = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        items.add(value(parser));
      }
      return items;
    }
    return parser.currentToken().isNumeric() ? (Object) parser.getDoubleValue() : parser.getText();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}

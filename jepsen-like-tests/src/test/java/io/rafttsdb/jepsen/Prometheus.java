package io.rafttsdb.jepsen;

import static org.junit.jupiter.api.Assumptions.abort;

import io.rafttsdb.client.ClientOptions;
import io.rafttsdb.client.Consistency;
import io.rafttsdb.client.RaftTsdbClient;
import io.rafttsdb.client.TimeSeries;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A real Prometheus that scrapes each second and remote-writes to a node. */
final class Prometheus implements AutoCloseable {

  private static final Duration READY_MAX = Duration.ofSeconds(30);

  private final ServerProcess process;
  private final Path config;
  private final URI remoteWrite;
  private final URI http;
  private final HttpClient client = HttpClient.newHttpClient();

  private Prometheus(ServerProcess process, Path config, URI remoteWrite, URI http) {
    this.process = process;
    this.config = config;
    this.remoteWrite = remoteWrite;
    this.http = http;
  }

  /** The program, in PROMETHEUS_HOME, its bin, or on the PATH. */
  static Optional<Path> program() {
    List<Path> places = new ArrayList<>();
    Map<String, String> environment = System.getenv();
    if (environment.containsKey("PROMETHEUS_HOME")) {
      Path home = Path.of(environment.get("PROMETHEUS_HOME"));
      places.add(home);
      places.add(home.resolve("bin"));
    }
    for (String place : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      places.add(Path.of(place));
    }
    return places.stream()
        .map(place -> place.resolve("prometheus"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The program, of version 3.5 or later; without one the test is skipped, and says so. */
  static Path programOrSkip() throws IOException {
    Path program =
        program()
            .orElseGet(() -> abort("skipped: no prometheus in PROMETHEUS_HOME or on the PATH"));
    Process process =
        new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String version = String.valueOf(lines.readLine());
      if (!version.matches("prometheus, version 3\\.([5-9]|[1-9][0-9])\\..*")) {
        String reason = "skipped: expected Prometheus 3.5 or later, found " + version;
        System.out.println(reason);
        abort(reason);
      }
    }
    return program;
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param target scraped besides Prometheus itself
   * @param node the node to which it writes
   */
  static Prometheus start(Workshop workshop, Path program, LiveTarget target, URI node)
      throws IOException {
    return start(
        workshop,
        program,
        node,
        List.of(),
        """
          - job_name: prometheus
            static_configs: [ { targets: [ "SELF" ] } ]
          - job_name: live
            static_configs: [ { targets: [ "TARGET" ] } ]
        """
            .replace("TARGET", target.address()));
  }

  /**
   * Starts it to scrape its own native histograms; for versions from 3 on. Those with custom
   * buckets it can't send by remote write 1.0, as it leaves their bounds out.
   */
  static Prometheus startWithHistograms(Workshop workshop, Path program, URI node)
      throws IOException {
    return start(
        workshop,
        program,
        node,
        List.of("--enable-feature=native-histograms"),
        """
          - job_name: native
            static_configs: [ { targets: [ "SELF" ] } ]
        """);
  }

  /** Starts it empty, to take remote write; scrapes and writes nothing. */
  static Prometheus startAsReceiver(Workshop workshop, Path program) throws IOException {
    return startIdle(
        workshop,
        program,
        workshop.directory().resolve("prometheus"),
        List.of("--web.enable-remote-write-receiver"));
  }

  /**
   * Starts it on a directory of blocks that are there, of which it is the owner from now on;
   * scrapes and writes nothing.
   */
  static Prometheus startOn(Workshop workshop, Path program, Path data) throws IOException {
    return startIdle(workshop, program, data, List.of());
  }

  private static Prometheus startIdle(
      Workshop workshop, Path program, Path data, List<String> flags) throws IOException {
    URI http = URI.create("http://127.0.0.1:" + workshop.ports().next());
    Path config = workshop.directory().resolve("idle.yml");
    Files.writeString(config, "scrape_configs: []\n");
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.add("--config.file=" + config);
    command.add("--storage.tsdb.path=" + data);
    command.add("--web.listen-address=" + http.getAuthority());
    command.addAll(flags);
    ServerProcess process = workshop.process("prometheus", command);
    process.start();
    Prometheus prometheus = new Prometheus(process, config, http, http);
    process.await("ready", READY_MAX, () -> prometheus.get("/-/ready").contains("Ready"));
    return prometheus;
  }

  private static Prometheus start(
      Workshop workshop, Path program, URI node, List<String> features, String scrapes)
      throws IOException {
    URI http = URI.create("http://127.0.0.1:" + workshop.ports().next());
    Path config = workshop.directory().resolve("prometheus.yml");
    URI remoteWrite = node.resolve("/api/v1/write");
    Files.writeString(
        config, configuration(remoteWrite, scrapes.replace("SELF", http.getAuthority())));
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.add("--config.file=" + config);
    command.add("--storage.tsdb.path=" + workshop.directory().resolve("prometheus"));
    command.add("--web.listen-address=" + http.getAuthority());
    command.addAll(features);
    ServerProcess process = workshop.process("prometheus", command);
    process.start();
    Prometheus prometheus = new Prometheus(process, config, remoteWrite, http);
    process.await("ready", READY_MAX, () -> prometheus.get("/-/ready").contains("Ready"));
    return prometheus;
  }

  /** Short waits, so that a run needs little time; retries without end, as by default. */
  private static String configuration(URI remoteWrite, String scrapes) {
    return """
    global:
      scrape_interval: 1s
      scrape_timeout: 900ms
    remote_write:
      - url: REMOTE_WRITE
        remote_timeout: 5s
        send_native_histograms: true
        queue_config:
          batch_send_deadline: 300ms
          min_backoff: 30ms
          max_backoff: 1s
          max_shards: 4
    scrape_configs:
    """
            .replace("REMOTE_WRITE", remoteWrite.toString())
        + scrapes;
  }

  /** Ends all scrapes; what has been scraped is still sent. */
  void stopScraping() throws IOException {
    Files.writeString(config, configuration(remoteWrite, ""));
    process.signal("HUP");
    process.await(
        "it has no target any more",
        READY_MAX,
        () -> get("/api/v1/targets").contains("\"activeTargets\":[]"));
  }

  URI http() {
    return http;
  }

  /** Everything that its own storage holds. */
  List<TimeSeries> samples() throws Exception {
    try (RaftTsdbClient reader = new RaftTsdbClient(ClientOptions.of(List.of(http)))) {
      return Stored.read(reader, ".+", Consistency.LINEARIZABLE).series();
    }
  }

  private String get(String path) throws IOException, InterruptedException {
    return client
        .send(HttpRequest.newBuilder(http.resolve(path)).build(), BodyHandlers.ofString())
        .body();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}

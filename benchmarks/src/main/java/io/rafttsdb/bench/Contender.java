package io.rafttsdb.bench;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A system under load: how it is started, when it is ready, and where it keeps its log. */
sealed interface Contender {

  String name();

  /** Number of copies that it keeps, each on a disk of its own by right. */
  int copies();

  /** Why it can't take part, or empty. */
  Optional<String> missing();

  /** The program with its arguments, in the foreground. */
  List<String> command(Path data, int port) throws IOException;

  /** Where to write as soon as it is ready, or null while it is not. */
  @Nullable URI ready(HttpClient http, int port) throws IOException, InterruptedException;

  /** Whether a file below the data directory belongs to the log that a crash is repaired from. */
  boolean isLog(Path file);

  /**
   * raft-tsdb as {@code ./raft-tsdb demo} starts it; requests go to the leader. A single node is
   * started again without what is around it.
   */
  record RaftTsdb(Path launcher, int copies) implements Contender {
    @Override
    public String name() {
      return "raft-tsdb x" + copies;
    }

    @Override
    public Optional<String> missing() {
      return Files.isExecutable(launcher)
          ? Optional.empty()
          : Optional.of("no launcher " + launcher);
    }

    @Override
    public List<String> command(Path data, int port) {
      Path only = data.resolve("node1").resolve("node.conf");
      if (copies == 1 && Files.exists(only)) {
        return List.of(launcher.toString(), "server", "--config", only.toString());
      }
      return List.of(
          launcher.toString(),
          "demo",
          "--nodes",
          Integer.toString(copies),
          "--port",
          Integer.toString(port),
          "--data",
          data.toString(),
          "--no-self-monitoring");
    }

    @Override
    public @Nullable URI ready(HttpClient http, int port) throws IOException, InterruptedException {
      List<URI> nodes =
          IntStream.range(port, port + copies)
              .mapToObj(each -> URI.create("http://127.0.0.1:" + each))
              .toList();
      URI leader = null;
      for (URI node : nodes) {
        if (get(http, node.resolve("/-/ready")).statusCode() != 200) {
          return null;
        }
        String status = get(http, node.resolve("/api/v1/cluster/status")).body();
        if (status.replace(" ", "").contains("\"role\":\"leader\"")) {
          leader = node;
        }
      }
      return leader == null ? null : leader.resolve("/api/v1/write");
    }

    @Override
    public boolean isLog(Path file) {
      return String.valueOf(file.getFileName()).startsWith("log_");
    }
  }

  /** One Prometheus as a remote write receiver. */
  record Prometheus(@Nullable Path program) implements Contender {
    @Override
    public String name() {
      return "prometheus";
    }

    @Override
    public int copies() {
      return 1;
    }

    @Override
    public Optional<String> missing() {
      return reason(program, "prometheus", "PROMETHEUS_HOME");
    }

    @Override
    public List<String> command(Path data, int port) throws IOException {
      Files.createDirectories(data);
      Path config = Files.writeString(data.resolve("prometheus.yml"), "global: {}\n");
      return List.of(
          String.valueOf(program),
          "--config.file=" + config,
          "--web.enable-remote-write-receiver",
          "--web.enable-admin-api",
          "--storage.tsdb.path=" + data.resolve("data"),
          "--web.listen-address=127.0.0.1:" + port);
    }

    @Override
    public @Nullable URI ready(HttpClient http, int port) throws IOException, InterruptedException {
      URI node = URI.create("http://127.0.0.1:" + port);
      boolean ready = get(http, node.resolve("/-/ready")).statusCode() == 200;
      return ready ? node.resolve("/api/v1/write") : null;
    }

    @Override
    public boolean isLog(Path file) {
      Path directory = file.getParent();
      return directory != null && directory.endsWith("wal");
    }
  }

  /** One VictoriaMetrics; it has no log. */
  record VictoriaMetrics(@Nullable Path program) implements Contender {
    @Override
    public String name() {
      return "victoria-metrics";
    }

    @Override
    public int copies() {
      return 1;
    }

    @Override
    public Optional<String> missing() {
      return reason(program, "victoria-metrics", "VICTORIAMETRICS_HOME");
    }

    @Override
    public List<String> command(Path data, int port) {
      return List.of(
          String.valueOf(program),
          "-storageDataPath=" + data,
          "-httpListenAddr=127.0.0.1:" + port,
          "-retentionPeriod=10y");
    }

    @Override
    public @Nullable URI ready(HttpClient http, int port) throws IOException, InterruptedException {
      URI node = URI.create("http://127.0.0.1:" + port);
      boolean ready = get(http, node.resolve("/health")).statusCode() == 200;
      return ready ? node.resolve("/api/v1/write") : null;
    }

    @Override
    public boolean isLog(Path file) {
      return false;
    }
  }

  /** A program in the directory of an environment variable, its bin, or on the PATH. */
  static @Nullable Path program(String name, String homeVariable) {
    List<Path> places = new ArrayList<>();
    String home = System.getenv(homeVariable);
    if (home != null) {
      places.add(Path.of(home));
      places.add(Path.of(home, "bin"));
    }
    String path = System.getenv("PATH");
    if (path != null) {
      for (String place : path.split(File.pathSeparator, -1)) {
        places.add(Path.of(place));
      }
    }
    return places.stream()
        .map(place -> place.resolve(name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  private static Optional<String> reason(@Nullable Path program, String name, String variable) {
    return program == null
        ? Optional.of("no " + name + " in " + variable + " or on the PATH")
        : Optional.empty();
  }

  private static HttpResponse<String> get(HttpClient http, URI url)
      throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
  }
}

package io.rafttsdb.bench;

import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Gives samples to a Prometheus by remote write, and looks at the blocks of its snapshot. */
final class PrometheusBlocks {

  private static final int CONNECTIONS = 2;

  private final BlocksOptions options;
  private final long endMs;

  PrometheusBlocks(BlocksOptions options, long endMs) {
    this.options = options;
    this.endMs = endMs;
  }

  /** Prints what it finds; says so where there is no Prometheus. */
  void run() throws IOException, InterruptedException {
    Contender prometheus =
        new Contender.Prometheus(Contender.program("prometheus", "PROMETHEUS_HOME"));
    Optional<String> missing = prometheus.missing();
    if (missing.isPresent()) {
      System.out.println("skipped: prometheus: " + missing.get());
      return;
    }
    try (RunningContender running = RunningContender.start(prometheus, options.data())) {
      Workload workload =
          new Workload(
              "blocks",
              options.series(),
              options.steps(),
              BlocksOptions.SAMPLES_PER_REQUEST,
              CONNECTIONS);
      IngestRun.write(workload, running.url(), InstantSource.fixed(Instant.ofEpochMilli(endMs)));
      snapshot(running.url().resolve("/api/v1/admin/tsdb/snapshot"));
      BlockFigures figures = BlockFigures.of(blocksBelow(running.data()));
      System.out.println(figures.line("prometheus, its snapshot"));
    }
  }

  private static void snapshot(URI url) throws IOException, InterruptedException {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(url).POST(BodyPublishers.noBody()).build(),
                BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException("snapshot: " + response.statusCode() + " " + response.body());
    }
  }

  /** Those of the one snapshot. */
  private static List<Path> blocksBelow(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("data/snapshots"), 2)) {
      return files
          .filter(file -> Ulid.isUlid(String.valueOf(file.getFileName())))
          .sorted()
          .toList();
    }
  }
}

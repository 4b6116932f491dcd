package io.rafttsdb.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Remote write as fast as it is taken, into each system in turn, over several rounds: {@code
 * benchmarks/run ingest}. Each run begins with an empty directory.
 */
final class IngestBenchmark {

  private static final Duration READY_MAX = Duration.ofMinutes(2);
  private static final long POLL_MS = 100;

  private final IngestOptions options;
  private final InstantSource clock = InstantSource.system();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private IngestBenchmark(IngestOptions options) {
    this.options = options;
  }

  /**
   * Runs the benchmark.
   *
   * @param arguments {@code --rounds N}, {@code --workload wide|long|SERIESxSAMPLES}, {@code
   *     --systems NAME,NAME}, {@code --data DIR}, {@code --out FILE}
   */
  public static void main(String[] arguments) throws Exception {
    IngestOptions options = IngestOptions.parse(arguments);
    List<Figures> all = new IngestBenchmark(options).run();
    IngestReport report = new IngestReport(all);
    System.out.print(report.table());
    Files.createDirectories(options.out().toAbsolutePath().getParent());
    Files.writeString(options.out(), report.json());
    System.out.println("written to " + options.out());
  }

  private List<Figures> run() throws IOException, InterruptedException {
    List<Contender> contenders = new ArrayList<>();
    for (Contender contender : options.contenders()) {
      Optional<String> missing = contender.missing();
      missing.ifPresent(
          reason -> System.out.println("skipped: " + contender.name() + ": " + reason));
      if (missing.isEmpty()) {
        contenders.add(contender);
      }
    }
    List<Figures> all = new ArrayList<>();
    for (Workload workload : options.workloads()) {
      for (int round = 1; round <= options.rounds(); round++) {
        for (Contender contender : contenders) {
          Figures figures = run(contender, workload, round);
          all.add(figures);
          System.out.println("round " + round + ": " + figures.line());
        }
      }
    }
    return all;
  }

  private Figures run(Contender contender, Workload workload, int round)
      throws IOException, InterruptedException {
    Path home = options.data().resolve(contender.name().replace(' ', '-'));
    delete(home);
    Files.createDirectories(home);
    Path data = home.resolve("data");
    int port = freePort();
    Process process =
        new ProcessBuilder(contender.command(data, port))
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("log").toFile())
            .start();
    try {
      URI url = awaitReady(contender, process, port);
      ProcessTree tree = new ProcessTree(process.toHandle());
      LogVolume log = LogVolume.watch(data, contender);
      double cpuBefore = tree.cpuSeconds();
      IngestRun.Result result = IngestRun.write(workload, url, clock);
      double samples = workload.samples();
      return new Figures(
          contender.name(),
          workload.name(),
          round,
          samples / result.seconds(),
          (tree.cpuSeconds() - cpuBefore) / samples * 1e6,
          result.percentileMs(0.5),
          result.percentileMs(0.99),
          tree.peakRssMib(),
          log.bytes() / samples / contender.copies(),
          result.retries());
    } finally {
      stop(process);
    }
  }

  private URI awaitReady(Contender contender, Process process, int port)
      throws InterruptedException {
    long start = System.nanoTime();
    while (System.nanoTime() - start < READY_MAX.toNanos()) {
      if (!process.isAlive()) {
        throw new IllegalStateException(
            contender.name() + " ended with code " + process.exitValue() + "; see its log");
      }
      try {
        URI url = contender.ready(http, port);
        if (url != null) {
          return url;
        }
      } catch (IOException e) {
        continue; // it does not listen yet
      } finally {
        TimeUnit.MILLISECONDS.sleep(POLL_MS);
      }
    }
    throw new IllegalStateException(contender.name() + " is not ready after " + READY_MAX);
  }

  private static void stop(Process process) throws InterruptedException {
    List<ProcessHandle> below = process.descendants().toList();
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    below.forEach(ProcessHandle::destroyForcibly);
  }

  /** A port that is free with those which a cluster of three takes beside it. */
  private static int freePort() throws IOException {
    for (int port = 20_000; port < 30_000; port += 10) {
      boolean free = true;
      for (int offset : new int[] {0, 1, 2, 1000, 1001, 1002}) {
        try (ServerSocket socket = new ServerSocket(port + offset)) {
          free = free && socket.isBound();
        } catch (IOException e) {
          free = false;
        }
      }
      if (free) {
        return port;
      }
    }
    throw new IOException("no free ports from 20000 to 30000");
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(directory)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.delete(each);
    }
  }
}

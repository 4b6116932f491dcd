package io.rafttsdb.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How long a system takes from the start of its process until it serves again, after it was written
 * to and killed: {@code benchmarks/run restart}.
 */
final class RestartBenchmark {

  private static final double MIB = 1 << 20;

  private final IngestOptions options;
  private final InstantSource clock = InstantSource.system();

  private RestartBenchmark(IngestOptions options) {
    this.options = options;
  }

  /**
   * Runs the benchmark.
   *
   * @param arguments as those of {@link IngestBenchmark}; a workload is written once, and then the
   *     system is killed as often as there are rounds
   */
  public static void main(String[] arguments) throws Exception {
    new RestartBenchmark(IngestOptions.parse(arguments)).run();
  }

  private void run() throws IOException, InterruptedException {
    for (Workload workload : options.workloads()) {
      for (Contender contender : options.contenders()) {
        Optional<String> missing = contender.missing();
        if (missing.isPresent()) {
          System.out.println("skipped: " + contender.name() + ": " + missing.get());
        } else {
          run(contender, workload);
        }
      }
    }
  }

  private void run(Contender contender, Workload workload)
      throws IOException, InterruptedException {
    try (RunningContender running = RunningContender.start(contender, options.data())) {
      IngestRun.Result _ = IngestRun.write(workload, running.url(), clock);
      for (int round = 1; round <= options.rounds(); round++) {
        double dataMib = sizeMib(running.data(), List.of());
        double logMib = sizeMib(running.data(), List.of(contender));
        double seconds = running.restartAfterKill();
        System.out.printf(
            Locale.ROOT,
            "%-8s %-18s round %d: %,12d samples  %,7.0f MiB on disk, %,7.0f of them log  ready"
                + " after %6.2f s%n",
            workload.name(),
            contender.name(),
            round,
            workload.samples(),
            dataMib,
            logMib,
            seconds);
      }
    }
  }

  /** Size of the files in a directory, of the logs alone where contenders are named. */
  private static double sizeMib(Path directory, List<Contender> logsOf) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
              .filter(Files::isRegularFile)
              .filter(file -> logsOf.isEmpty() || logsOf.getFirst().isLog(file))
              .mapToLong(RestartBenchmark::size)
              .sum()
          / MIB;
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

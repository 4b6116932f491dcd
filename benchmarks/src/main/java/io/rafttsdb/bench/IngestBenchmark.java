package io.rafttsdb.bench;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Remote write as fast as it is taken, into each system in turn, over several rounds: {@code
 * benchmarks/run ingest}. Each run begins with an empty directory.
 */
final class IngestBenchmark {

  private final IngestOptions options;
  private final InstantSource clock = InstantSource.system();
  private final HttpClient http = HttpClient.newHttpClient();

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
    try (RunningContender running = RunningContender.start(contender, options.data())) {
      ProcessTree tree = running.tree();
      LogVolume log = LogVolume.watch(running.data(), contender);
      double cpuBefore = tree.cpuSeconds();
      Optional<LeaderCosts> costsBefore = costs(contender, running);
      AtomicReference<Double> cpuWarm = new AtomicReference<>(cpuBefore);
      AtomicReference<ThreadCpu> threadsWarm = new AtomicReference<>(ThreadCpu.of(tree.root()));
      IngestRun.Result result =
          IngestRun.write(
              workload,
              running.url(),
              clock,
              () -> {
                cpuWarm.set(tree.cpuSeconds());
                threadsWarm.set(ThreadCpu.of(tree.root()));
              });
      double cpuAfter = tree.cpuSeconds();
      double samples = workload.samples();
      if (costsBefore.isPresent()) {
        System.out.println(
            costs(contender, running).orElseThrow().since(costsBefore.get(), result.seconds()));
        System.out.print(
            ThreadCpu.of(tree.root()).since(threadsWarm.get(), workload.warmSamples()));
      }
      return new Figures(
          contender.name(),
          workload.name(),
          round,
          samples / result.seconds(),
          (cpuAfter - cpuBefore) / samples * 1e6,
          workload.warmSamples() / result.warmSeconds(),
          (cpuAfter - cpuWarm.get()) / workload.warmSamples() * 1e6,
          result.percentileMs(0.5),
          result.percentileMs(0.99),
          tree.peakRssMib(),
          log.bytes() / samples / contender.copies(),
          result.retries());
    }
  }

  private Optional<LeaderCosts> costs(Contender contender, RunningContender running)
      throws IOException, InterruptedException {
    return contender instanceof Contender.RaftTsdb
        ? Optional.of(LeaderCosts.of(http, running.url()))
        : Optional.empty();
  }
}

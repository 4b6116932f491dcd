package io.rafttsdb.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code benchmarks/run ingest} was asked for.
 *
 * @param contenders in the order in which they run; ratios are to the first
 * @param data a directory of the disk to measure on; emptied before each run
 * @param out the JSON file
 */
record IngestOptions(
    int rounds, List<Workload> workloads, List<Contender> contenders, Path data, Path out) {

  private static final int ROUNDS_DEFAULT = 3;

  /**
   * @throws IllegalArgumentException on an unknown option or value
   */
  static IngestOptions parse(String[] arguments) {
    Path top = Path.of(System.getProperty("raft-tsdb.home", "."));
    List<Contender> known =
        List.of(
            new Contender.RaftTsdb(top.resolve("raft-tsdb"), 3),
            new Contender.Prometheus(Contender.program("prometheus", "PROMETHEUS_HOME")),
            new Contender.VictoriaMetrics(
                Contender.program("victoria-metrics", "VICTORIAMETRICS_HOME")),
            new Contender.RaftTsdb(top.resolve("raft-tsdb"), 1));
    int rounds = ROUNDS_DEFAULT;
    List<Workload> workloads = Workload.ALL;
    List<Contender> contenders = known.subList(0, 3);
    Path data = top.resolve("benchmarks/target/data");
    Path out = top.resolve("benchmarks/target/ingest.json");
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " needs a value");
      }
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--rounds" -> rounds = Integer.parseInt(value);
        case "--workload" -> workloads = List.of(workload(value));
        case "--systems" -> contenders = contenders(known, value);
        case "--data" -> data = Path.of(value);
        case "--out" -> out = Path.of(value);
        default ->
            throw new IllegalArgumentException(
                "unknown option "
                    + arguments[i]
                    + ", expected --rounds, --workload, --systems, --data or --out");
      }
    }
    return new IngestOptions(rounds, workloads, contenders, data, out);
  }

  /** One of the named workloads, or {@code SERIESxSAMPLES}. */
  private static Workload workload(String value) {
    for (Workload workload : Workload.ALL) {
      if (workload.name().equals(value)) {
        return workload;
      }
    }
    String[] parts = value.split("x", 2);
    if (parts.length != 2) {
      throw new IllegalArgumentException(
          "workload " + value + ", expected wide, long or SERIESxSAMPLES such as 20000x60");
    }
    return new Workload(value, Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), 2_000, 2);
  }

  private static List<Contender> contenders(List<Contender> known, String value) {
    List<Contender> chosen = new ArrayList<>();
    for (String name : value.split(",", -1)) {
      chosen.add(
          known.stream()
              .filter(contender -> contender.name().replace(" ", "-").equals(name))
              .findFirst()
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "system "
                          + name
                          + ", expected raft-tsdb-x3, raft-tsdb-x1, prometheus or"
                          + " victoria-metrics")));
    }
    return chosen;
  }
}

package io.rafttsdb.node.cli;

import io.rafttsdb.node.cluster.Recovery;
import io.rafttsdb.node.cluster.Recovery.Recovered;
import io.rafttsdb.node.cluster.StartRefused;
import io.rafttsdb.node.config.ConfigError;
import io.rafttsdb.node.config.NodeConfig;
import io.rafttsdb.replica.ReplicaRecovery.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code raft-tsdb recover}. */
@Command(
    name = "recover",
    description = {
      "Makes a new cluster of one node from the data directory of one member, when the majority of"
          + " the others is lost for good. The directory is only read. Never while another member"
          + " may come back: then there would be two clusters."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = "  raft-tsdb recover --from /data/old --config node.conf",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:recovered; the text says what may be missing",
      "1:a defect",
      "2:wrong options or configuration",
      "3:a directory is in use, not empty, or lacks data that --accept-loss was not given for"
    })
final class RecoverCommand implements Callable<Integer> {

  @Option(
      names = "--from",
      required = true,
      paramLabel = "DIR",
      description = "Data directory of the member that survived; no process may run on it.")
  private Path from;

  @Mixin private OfflineOptions options;

  @Spec private CommandSpec spec;

  /** Called by picocli, which sets the fields. */
  @SuppressWarnings("NullAway.Init")
  RecoverCommand() {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try {
      NodeConfig config = options.config();
      Recovered recovered =
          Recovery.run(
              from,
              config,
              options.acceptsLoss(),
              ServerCommand.chance(),
              line -> {
                err.println(line);
                err.flush();
              });
      tell(out, recovered, config);
      out.flush();
      return ExitCode.OK;
    } catch (ConfigError e) {
      err.println(e.getMessage());
      return ExitCode.USAGE;
    } catch (StartRefused | io.rafttsdb.replica.disk.StartRefused e) {
      err.println(e.getMessage());
      return ExitCode.START_REFUSED;
    } catch (IOException e) {
      err.println("not recovered: " + e);
      return ExitCode.START_REFUSED;
    }
  }

  private static void tell(PrintWriter out, Recovered recovered, NodeConfig config) {
    out.println("Recovered the cluster " + recovered.oldClusterId());
    out.println("as the cluster        " + recovered.clusterId());
    out.println("in                    " + config.storagePath().toAbsolutePath());
    for (int shard = 0; shard < recovered.reports().size(); shard++) {
      if (recovered.reports().size() > 1) {
        out.println("shard " + shard);
      }
      tell(out, recovered.reports().get(shard));
    }
    out.println();
    out.println(
        "What only the lost members had is missing: samples that were acknowledged after the last"
            + " entry.");
    List<String> losses = recovered.reports().stream().flatMap(r -> r.losses().stream()).toList();
    if (!losses.isEmpty()) {
      out.println("Missing of what this member should have had:");
      losses.forEach(loss -> out.println("  " + loss));
    }
    out.println();
    out.println("Next: start it (raft-tsdb server --config FILE), set join = true in the other");
    out.println(
        "nodes' configurations, give them empty data directories, start them, and add them:");
    out.println("  raft-tsdb add-node NAME --http HOST:PORT --url http://" + config.self().http());
    out.println("The lost members must never start again on their old directories.");
  }

  private static void tell(PrintWriter out, Report report) {
    out.println("series in the Head    " + report.series() + ", blocks " + report.blocks());
    out.println("last entry            " + report.lastIndex());
    out.println(
        "known committed up to " + (report.markIndex() < 0 ? "(unknown)" : report.markIndex()));
    out.println("entries beyond that   " + report.uncertainEntries() + " (taken over)");
    out.println(
        "newest sample         "
            + (report.newestSampleMs() == Long.MIN_VALUE
                ? "none in the Head"
                : Instant.ofEpochMilli(report.newestSampleMs())));
  }
}

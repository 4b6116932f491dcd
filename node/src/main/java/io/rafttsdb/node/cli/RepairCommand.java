package io.rafttsdb.node.cli;

import io.rafttsdb.node.cluster.LogSurgery;
import io.rafttsdb.node.cluster.StartRefused;
import io.rafttsdb.node.config.ConfigError;
import io.rafttsdb.replica.DamagedTail;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code raft-tsdb repair}. */
@Command(
    name = "repair",
    description = {
      "Shows where the log of a stopped node is damaged, and with --accept-loss cuts it there, so"
          + " that the node starts with what is before. For a cluster of one node; of more, replace"
          + " the node (replace-node) as long as a majority of the others runs."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  raft-tsdb repair --config node.conf                what is damaged",
      "  raft-tsdb repair --config node.conf --accept-loss  cuts it away"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the log is sound, or was cut",
      "1:a defect",
      "2:wrong options or configuration",
      "3:the log is damaged, and --accept-loss was not given; or it can't be repaired so"
    })
final class RepairCommand implements Callable<Integer> {

  @Mixin private OfflineOptions options;

  @Spec private CommandSpec spec;

  /** Called by picocli, which sets the fields. */
  @SuppressWarnings("NullAway.Init")
  RepairCommand() {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try {
      List<DamagedTail> damage =
          LogSurgery.run(options.config().storagePath(), options.acceptsLoss());
      if (damage.isEmpty()) {
        out.println("The log is sound: nothing to do.");
        return ExitCode.OK;
      }
      damage.forEach(each -> out.println(each.text()));
      if (!options.acceptsLoss()) {
        out.println("Nothing was changed. --accept-loss cuts the log there.");
        return ExitCode.START_REFUSED;
      }
      damage.forEach(
          each -> out.println("The log was cut; what was cut off is in " + each.aside()));
      return ExitCode.OK;
    } catch (ConfigError e) {
      err.println(e.getMessage());
      return ExitCode.USAGE;
    } catch (StartRefused | io.rafttsdb.replica.disk.StartRefused e) {
      err.println(e.getMessage());
      return ExitCode.START_REFUSED;
    } catch (IOException e) {
      err.println("not repaired: " + e);
      return ExitCode.START_REFUSED;
    } finally {
      out.flush();
    }
  }
}

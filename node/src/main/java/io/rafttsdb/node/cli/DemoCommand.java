package io.rafttsdb.node.cli;

import io.rafttsdb.node.config.ConfigError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code raft-tsdb demo}. */
@Command(
    name = "demo",
    description = "Starts a cluster on this machine, with live data, and stops it at Ctrl-C.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  raft-tsdb demo",
      "  raft-tsdb demo --nodes 5 --port 19090",
      "  raft-tsdb demo --shards 4            four Raft groups, each with a leader",
      "  raft-tsdb demo --data ./demo-data    keeps its data for the next start"
    })
final class DemoCommand implements Callable<Integer> {

  private static final int NODES_DEFAULT = 3;
  private static final int PORT_DEFAULT = 9090;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "Number of nodes (default: 3, or what DIR holds).")
  private @Nullable Integer nodes;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description = "Number of shards, 1 to 16 (default: 1, or what DIR holds).")
  private @Nullable Integer shards;

  @Option(
      names = "--port",
      paramLabel = "P",
      description =
          "Node i serves HTTP on port P+i-1 and Raft on P+1000+i-1 (default: 9090, or what DIR"
              + " holds).")
  private @Nullable Integer port;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Directory for all files, kept at the end; the next start goes on with it. Without it a"
              + " temporary directory, removed at the end.")
  private @Nullable Path data;

  @Option(
      names = "--no-self-monitoring",
      description = "The nodes do not write their own and the host's metrics into the cluster.")
  private boolean noSelfMonitoring;

  @Spec private CommandSpec spec;

  /** Called by picocli, which sets the fields. */
  @SuppressWarnings("NullAway.Init")
  DemoCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Path kept = data;
    Path directory =
        kept == null
            ? Files.createTempDirectory("raft-tsdb-demo-").toRealPath()
            : kept.toAbsolutePath().normalize();
    try {
      Demo demo = new Demo(layout(directory), kept != null, !noSelfMonitoring, out);
      return demo.run();
    } catch (ConfigError e) {
      out.println("raft-tsdb demo: " + e.getMessage());
      out.flush();
      if (kept == null) {
        Files.deleteIfExists(directory);
      }
      return ExitCode.USAGE;
    }
  }

  private DemoLayout layout(Path directory) throws ConfigError {
    Integer askedNodes = nodes;
    Integer askedShards = shards;
    Integer askedPort = port;
    DemoLayout existing = DemoLayout.existing(directory);
    if (existing == null) {
      return DemoLayout.of(
          directory,
          askedNodes == null ? NODES_DEFAULT : askedNodes,
          askedShards == null ? 1 : askedShards,
          askedPort == null ? PORT_DEFAULT : askedPort);
    }
    int hasNodes = existing.members().size();
    int hasPort = existing.port();
    if ((askedNodes != null && askedNodes != hasNodes)
        || (askedShards != null && askedShards != existing.shards())
        || (askedPort != null && askedPort != hasPort)) {
      throw new ConfigError(
          directory
              + " holds a cluster of --nodes "
              + hasNodes
              + " --shards "
              + existing.shards()
              + " --port "
              + hasPort
              + ", which stay: leave them out, or give another --data");
    }
    return existing;
  }
}

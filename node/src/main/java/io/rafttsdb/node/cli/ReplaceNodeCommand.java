package io.rafttsdb.node.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code raft-tsdb replace-node}. */
@Command(
    name = "replace-node",
    description = {
      "Puts a node with an empty data directory in the place of a member whose data are lost. The"
          + " node runs under the same name, here or elsewhere. May be repeated."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  raft-tsdb replace-node node3                  at the lost one's addresses",
      "  raft-tsdb replace-node node3 --http b9:9090   at others"
    })
final class ReplaceNodeCommand implements Callable<Integer> {

  @Parameters(paramLabel = "NAME", description = "The name of the lost member and the new node.")
  private String name;

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      description = "Where the other nodes reach the new node's HTTP port (default: as before).")
  private @Nullable String http;

  @Option(
      names = "--raft",
      paramLabel = "HOST:PORT",
      description =
          "Where they reach its Raft port (default: as before; with --http its port + 1000).")
  private @Nullable String raft;

  @Mixin private ClusterUrl cluster;

  @Spec private CommandSpec spec;

  /** Called by picocli, which sets the fields. */
  @SuppressWarnings("NullAway.Init")
  ReplaceNodeCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (http != null) {
      parameters.put("http", http);
    }
    if (raft != null) {
      parameters.put("raft", raft);
    }
    return cluster.change(
        "POST", ClusterUrl.memberPath(name) + "/replace", parameters, spec.commandLine().getOut());
  }
}

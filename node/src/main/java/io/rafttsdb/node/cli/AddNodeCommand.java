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

/** {@code raft-tsdb add-node}. */
@Command(
    name = "add-node",
    description = {
      "Makes a node a member: one that runs with join = true and an empty data directory. It first"
          + " receives the data and then votes. May be repeated."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = "  raft-tsdb add-node node4 --http b4:9090 --url http://b1:9090")
final class AddNodeCommand implements Callable<Integer> {

  @Parameters(paramLabel = "NAME", description = "The node's name, as its configuration has it.")
  private String name;

  @Option(
      names = "--http",
      required = true,
      paramLabel = "HOST:PORT",
      description = "Where the other nodes reach its HTTP port.")
  private String http;

  @Option(
      names = "--raft",
      paramLabel = "HOST:PORT",
      description = "Where they reach its Raft port (default: that of --http, its port + 1000).")
  private @Nullable String raft;

  @Mixin private ClusterUrl cluster;

  @Spec private CommandSpec spec;

  /** Called by picocli, which sets the fields. */
  @SuppressWarnings("NullAway.Init")
  AddNodeCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    Map<String, String> parameters = new LinkedHashMap<>(Map.of("name", name, "http", http));
    if (raft != null) {
      parameters.put("raft", raft);
    }
    return cluster.change(
        "POST", ClusterUrl.membersPath(), parameters, spec.commandLine().getOut());
  }
}

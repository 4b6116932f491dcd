package io.rafttsdb.node.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code raft-tsdb remove-node}. */
@Command(
    name = "remove-node",
    description = {
      "Removes a member for good, running or not. It stops taking part and says so; its data stay"
          + " in its directory."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class RemoveNodeCommand implements Callable<Integer> {

  @Parameters(paramLabel = "NAME", description = "The member's name.")
  private String name;

  @Option(
      names = "--force",
      description = "Even if those who are left have no majority that runs: writes stop then.")
  private boolean force;

  @Mixin private ClusterUrl cluster;

  @Spec private CommandSpec spec;

  /** Called by picocli, which sets the fields. */
  @SuppressWarnings("NullAway.Init")
  RemoveNodeCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    return cluster.change(
        "DELETE",
        ClusterUrl.memberPath(name),
        force ? Map.of("force", "true") : Map.of(),
        spec.commandLine().getOut());
  }
}

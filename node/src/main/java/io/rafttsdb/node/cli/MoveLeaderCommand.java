package io.rafttsdb.node.cli;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code raft-tsdb move-leader}. */
@Command(
    name = "move-leader",
    description = "Hands leadership to another voter, which has applied its log.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MoveLeaderCommand implements Callable<Integer> {

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "The voter that shall lead (default: whichever has applied the most).")
  private @Nullable String name;

  @Option(
      names = "--shard",
      paramLabel = "N",
      description = "Of which shard, where the cluster has several (default: 0).")
  private int shard;

  @Mixin private ClusterUrl cluster;

  @Spec private CommandSpec spec;

  /** Called by picocli, which sets the fields. */
  @SuppressWarnings("NullAway.Init")
  MoveLeaderCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    return cluster.change(
        "POST", ClusterUrl.leaderPath(), parameters(), spec.commandLine().getOut());
  }

  private Map<String, String> parameters() {
    Map<String, String> parameters = new TreeMap<>();
    parameters.put("shard", Integer.toString(shard));
    String to = name;
    if (to != null) {
      parameters.put("to", to);
    }
    return parameters;
  }
}

package io.rafttsdb.node.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code raft-tsdb snapshot}. */
@Command(
    name = "snapshot",
    description = {
      "Makes a backup of the cluster on the node that is asked, which runs with"
          + " --web.enable-admin-api, and prints its name: a directory below backups/ in that"
          + " node's data directory. See also restore."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = "  raft-tsdb snapshot --url http://b1:9090")
final class SnapshotCommand implements Callable<Integer> {

  private static final String SNAPSHOT = "/api/v1/admin/tsdb/snapshot";
  private static final Pattern NAME = Pattern.compile("\"name\":\"([^\"]+)\"");
  private static final Duration LIMIT = Duration.ofMinutes(60);

  @Option(
      names = "--skip-head",
      description = "Leave out what is not in blocks yet: quick, since blocks are linked.")
  private boolean skipHead;

  @Mixin private ClusterUrl cluster;

  @Spec private CommandSpec spec;

  /** Called by picocli, which sets the fields. */
  @SuppressWarnings("NullAway.Init")
  SnapshotCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try {
      String answer =
          cluster.admin(SNAPSHOT, Map.of("skip_head", Boolean.toString(skipHead)), LIMIT);
      Matcher name = NAME.matcher(answer);
      out.println(name.find() ? name.group(1) : answer);
      return ExitCode.OK;
    } catch (IOException e) {
      out.println(cluster.failure(e));
      return ExitCode.NOT_DONE;
    } finally {
      out.flush();
    }
  }
}

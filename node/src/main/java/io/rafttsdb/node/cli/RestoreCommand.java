package io.rafttsdb.node.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code raft-tsdb restore}. */
@Command(
    name = "restore",
    description = {
      "Brings a backup into a new cluster of any size: one without samples of before the backup's"
          + " end, whose nodes run with --web.enable-admin-api. Writes go on where the backup"
          + " ended. May be repeated, and then goes on."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = "  raft-tsdb restore --from /backup/20261125T081500Z-0f3a77c1d2e4b596")
final class RestoreCommand implements Callable<Integer> {

  private static final Duration BLOCK_LIMIT = Duration.ofMinutes(30);
  private static final String RESTORE = "/api/v1/admin/tsdb/restore";
  private static final String IMPORT = "/api/v1/admin/tsdb/import";
  private static final Pattern ULIDS = Pattern.compile("\"([0-9A-Z]{26})\"");
  private static final Pattern RESULT = Pattern.compile("\"result\":\"([a-z]+)\"");

  @Option(
      names = "--from",
      required = true,
      paramLabel = "DIR",
      description = "The backup's directory, on the machine of the node that is asked.")
  private Path from;

  @Mixin private ClusterUrl cluster;

  @Spec private CommandSpec spec;

  /** Called by picocli, which sets the fields. */
  @SuppressWarnings("NullAway.Init")
  RestoreCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try {
      run(from.toAbsolutePath().normalize(), out);
      return ExitCode.OK;
    } catch (IOException e) {
      out.println(cluster.failure(e));
      out.flush();
      return ExitCode.NOT_DONE;
    }
  }

  private void run(Path directory, PrintWriter out) throws IOException, InterruptedException {
    List<String> blocks = matches(ULIDS, ask(RESTORE, directory));
    int number = 0;
    for (String block : blocks) {
      String answer = ask(IMPORT, directory.resolve(block));
      number++;
      out.println(
          "block "
              + number
              + " of "
              + blocks.size()
              + ": "
              + block
              + " "
              + String.join(" ", matches(RESULT, answer)));
      out.flush();
    }
    out.println("restored " + directory.getFileName() + ": " + blocks.size() + " blocks");
    out.flush();
  }

  private String ask(String path, Path directory) throws IOException, InterruptedException {
    return cluster.admin(path, Map.of("dir", directory.toString()), BLOCK_LIMIT);
  }

  private static List<String> matches(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(match -> match.group(1)).toList();
  }
}

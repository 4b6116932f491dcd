package io.rafttsdb.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rafttsdb.node.members.MembersReport;
import io.rafttsdb.node.members.MembersReport.Line;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code raft-tsdb members}. */
@Command(
    name = "members",
    description = "Lists who belongs to the cluster, and how they stand.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MembersCommand implements Callable<Integer> {

  private static final String ROW = "%-16s %-8s %-6s %-22s %-22s %12s %8s %10s%n";

  @Mixin private ClusterUrl cluster;

  @Option(names = "--json", description = "Prints the node's answer as it is.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** Called by picocli, which sets the fields. */
  @SuppressWarnings("NullAway.Init")
  MembersCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try {
      String body = cluster.get(ClusterUrl.membersPath());
      if (json) {
        out.print(body);
      } else {
        print(MembersReport.parse(body.getBytes(UTF_8)), out);
      }
      out.flush();
      return ExitCode.OK;
    } catch (IOException e) {
      out.println(cluster.failure(e));
      out.flush();
      return ExitCode.NOT_DONE;
    }
  }

  private static void print(MembersReport report, PrintWriter out) {
    out.printf(
        Locale.ROOT, ROW, "NAME", "ROLE", "LEADS", "HTTP", "RAFT", "APPLIED", "BEHIND", "SILENT");
    for (Line line : report.members()) {
      out.printf(
          Locale.ROOT,
          ROW,
          line.member().name(),
          line.role(),
          line.leads() ? "leads" : "",
          line.member().httpAddress(),
          line.member().raftAddress(),
          number(line.appliedIndex(), ""),
          number(line.lag(), ""),
          number(line.silentMs(), " ms"));
    }
    if (!report.change().isEmpty()) {
      out.println(report.change());
    } else if (!report.settled()) {
      out.println("the members are being changed");
    }
  }

  private static String number(long value, String unit) {
    return value == MembersReport.UNKNOWN ? "?" : value + unit;
  }
}

package io.rafttsdb.node.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/** What the demo shows in the terminal. Thread-safe. */
final class DemoScreen {

  private final DemoLayout layout;
  private final PrintWriter out;

  DemoScreen(DemoLayout layout, PrintWriter out) {
    this.layout = layout;
    this.out = out;
  }

  synchronized void say(String line) {
    out.println(line);
    out.flush();
  }

  private synchronized void styled(String markup) {
    say(Ansi.AUTO.string(markup));
  }

  void opening(boolean keepsData) {
    say(
        "Starting "
            + layout.members().size()
            + (layout.members().size() == 1 ? " node" : " nodes")
            + "; data in "
            + layout.directory()
            + (keepsData ? "" : ", removed at the end (keep it with --data DIR)"));
  }

  synchronized void ready(
      List<NodeProcess> nodes, Map<NodeProcess, NodeStatus> statuses, Duration after) {
    say(String.format(Locale.ROOT, "Ready after %.1f s.", after.toMillis() / 1e3));
    say("");
    table(nodes, statuses);
  }

  /** Shown when it takes long: why each node is not ready. */
  synchronized void waiting(List<NodeProcess> nodes, Map<NodeProcess, NodeStatus> statuses) {
    say("Still waiting:");
    table(nodes, statuses);
    statuses.forEach((node, status) -> {
      if (!status.reason().isEmpty()) {
        say("  " + node.member().name() + ": " + status.reason());
      }
    });
  }

  private synchronized void table(List<NodeProcess> nodes, Map<NodeProcess, NodeStatus> statuses) {
    styled("@|bold " + row("NODE", "ADDRESS", "ROLE", "TERM", "READY", "PID") + "|@");
    for (NodeProcess node : nodes) {
      NodeStatus status = statuses.get(node);
      String role = status == null ? (node.isAlive() ? "no answer" : "ended") : status.role();
      String line =
          row(
              node.member().name(),
              "http://" + node.member().http(),
              role,
              status == null ? "" : status.term(),
              status != null && status.ready() ? "yes" : "no",
              Long.toString(node.pid()));
      styled(status != null && status.leads() ? "@|green " + line + "|@" : line);
    }
  }

  private static String row(String... cells) {
    return String.format(Locale.ROOT, "  %-8s %-24s %-10s %5s  %-6s %s", (Object[]) cells)
        .stripTrailing();
  }

  synchronized void howToUse(boolean selfMonitoring) {
    String first = "http://" + layout.members().getFirst().http();
    String last = "http://" + layout.members().getLast().http();
    String query = selfMonitoring ? "sum by (instance) (jvm_memory_used_bytes)" : "1 + 1";
    say("");
    styled("@|bold Write|@: a section for prometheus.yml; any node takes it");
    say("");
    say("  remote_write:");
    say("    - url: " + first + "/api/v1/write");
    say("");
    styled(
        "@|bold Query|@: any node answers"
            + (selfMonitoring ? "; the nodes' and the host's own metrics are in already" : ""));
    say("");
    say("  curl -s " + last + "/api/v1/query --data-urlencode 'query=" + query + "'");
    say("");
    styled(
        "@|bold Try|@: end the leader (kill -9 PID), query again, and start it again alone with");
    say("");
    say("  ./raft-tsdb server --config " + layout.directory().resolve("nodeI/node.conf"));
    say("");
    say(
        "Logs are in "
            + layout.directory().resolve("nodeI/node.log")
            + ". Ctrl-C stops all nodes.");
  }

  synchronized void nodeEnded(NodeProcess node, List<String> lastLines) {
    say("");
    styled(
        "@|bold,red "
            + node.member().name()
            + " has ended|@ with exit code "
            + node.exitCode()
            + "; the last lines of "
            + node.log()
            + ":");
    lastLines.forEach(line -> say("  | " + line));
    say("Start it again alone with");
    say("  ./raft-tsdb server --config " + layout.configuration(node.member()));
  }

  void stopped(boolean keepsData) {
    say(keepsData ? "Stopped; the data is kept in " + layout.directory() : "Stopped.");
  }
}

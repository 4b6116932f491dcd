package io.rafttsdb.node.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code raft-tsdb settings}. */
@Command(
    name = "settings",
    description = {
      "Shows the settings that the cluster has in common, or changes some of them on all nodes:",
      "out_of_order_window, retention_time, retention_size, block_range_factor."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  raft-tsdb settings",
      "  raft-tsdb settings retention_time=30d retention_size=none"
    })
final class SettingsCommand implements Callable<Integer> {

  private static final JsonFactory JSON = new JsonFactory();

  @Mixin private ClusterUrl cluster;

  @Option(names = "--json", description = "Prints the node's answer as it is.")
  private boolean json;

  @Parameters(paramLabel = "NAME=VALUE", arity = "0..*", description = "Settings to change.")
  private Map<String, String> changes = new LinkedHashMap<>();

  @Spec private CommandSpec spec;

  /** Called by picocli, which sets the fields. */
  @SuppressWarnings("NullAway.Init")
  SettingsCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try {
      String body =
          changes.isEmpty()
              ? cluster.get(ClusterUrl.settingsPath())
              : cluster.post(ClusterUrl.settingsPath(), changes);
      if (json) {
        out.print(body);
      } else {
        print(body, out);
      }
      out.flush();
      return ExitCode.OK;
    } catch (IOException e) {
      out.println(cluster.failure(e));
      out.flush();
      return ExitCode.NOT_DONE;
    }
  }

  /** The fields within {@code settings}, a line each. */
  private static void print(String body, PrintWriter out) throws IOException {
    try (JsonParser parser = JSON.createParser(body)) {
      boolean isWithin = false;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          isWithin = "settings".equals(parser.currentName());
        } else if (isWithin && token == JsonToken.VALUE_STRING) {
          out.printf(Locale.ROOT, "%-20s %s%n", parser.currentName(), parser.getText());
        }
      }
    }
  }
}

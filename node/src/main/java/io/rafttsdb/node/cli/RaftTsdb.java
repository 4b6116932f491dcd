package io.rafttsdb.node.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program: reads the command line and hands over to a command. */
@Command(
    name = "raft-tsdb",
    description = "A replicated time series database for Prometheus metrics.",
    mixinStandardHelpOptions = true,
    versionProvider = RaftTsdb.Version.class,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  raft-tsdb demo                       three nodes here, with live data",
      "  raft-tsdb server                     one node, a cluster of its own",
      "  raft-tsdb server --config node.conf  one member of a cluster",
      "  raft-tsdb server --help              its options and exit codes",
      "  raft-tsdb members                    who belongs to the cluster"
    },
    subcommands = {
      DemoCommand.class,
      ServerCommand.class,
      MembersCommand.class,
      AddNodeCommand.class,
      RemoveNodeCommand.class,
      ReplaceNodeCommand.class,
      MoveLeaderCommand.class,
      SettingsCommand.class,
      SnapshotCommand.class,
      RestoreCommand.class,
      RecoverCommand.class,
      RepairCommand.class
    })
public final class RaftTsdb implements Runnable {

  @Spec private CommandSpec spec;

  /** Called by picocli, which sets the fields. */
  @SuppressWarnings("NullAway.Init")
  RaftTsdb() {}

  public static void main(String[] arguments) {
    int code = commandLine().execute(arguments);
    if (code != ExitCode.OK) {
      System.exit(code);
    }
  }

  static CommandLine commandLine() {
    return new CommandLine(new RaftTsdb())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExitCodeExceptionMapper(
            e -> e instanceof ParameterException ? ExitCode.USAGE : ExitCode.DEFECT);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command? See below.");
  }

  /** The version that the build wrote into the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = RaftTsdb.class.getPackage().getImplementationVersion();
      return new String[] {"raft-tsdb " + (version == null ? "(not from a jar)" : version)};
    }
  }
}

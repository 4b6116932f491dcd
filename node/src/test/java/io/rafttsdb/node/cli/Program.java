package io.rafttsdb.node.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** The program as its user meets it: command lines, what they print, exit codes. */
public final class Program {

  /** Exit codes after which starting again helps nobody. */
  public static final Set<Integer> NEEDS_A_PERSON = Set.of(ExitCode.USAGE, ExitCode.START_REFUSED);

  private Program() {}

  /**
   * Reads a command line without running it.
   *
   * @return what was given to the command at its end
   * @throws CommandLine.ParameterException where the program would refuse it
   */
  public static ParseResult parse(List<String> arguments) {
    ParseResult result = RaftTsdb.commandLine().parseArgs(arguments.toArray(String[]::new));
    while (result.hasSubcommand()) {
      result = result.subcommand();
    }
    return result;
  }

  /** What a command that ran to its end has left. */
  record Run(int exitCode, String out, String err) {}

  /** Runs a command in this process; only one that ends by itself. */
  static Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        RaftTsdb.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Run(code, out.toString(), err.toString());
  }
}

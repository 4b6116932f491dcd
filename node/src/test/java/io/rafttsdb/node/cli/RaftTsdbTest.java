package io.rafttsdb.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the program says of itself, and of what it does not understand. */
final class RaftTsdbTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "demo", "server"})
  void helpShowsExamples(String command) {
    Program.Run run = command.isEmpty() ? Program.run("--help") : Program.run(command, "--help");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines().filter(line -> line.contains("  raft-tsdb ")))
        .as("examples on a line each")
        .hasSizeGreaterThanOrEqualTo(3);
    assertThat(run.out())
        .startsWith("Usage: raft-tsdb " + command)
        .containsSubsequence("Examples:", "  raft-tsdb " + command);
  }

  /** An example that the program would refuse is worse than none. */
  @Test
  void everyExampleIsACommandLine() {
    CommandLine program = RaftTsdb.commandLine();
    Stream<CommandLine> all =
        Stream.concat(Stream.of(program), program.getSubcommands().values().stream());
    List<String> examples =
        all.flatMap(command -> Stream.of(command.getCommandSpec().usageMessage().footer()))
            .peek(line -> assertThat(line).hasSizeLessThan(80))
            .map(line -> line.strip().split(" {2,}", 2)[0])
            .toList();

    assertThat(examples).hasSizeGreaterThanOrEqualTo(10);
    for (String example : examples) {
      List<String> words = List.of(example.split(" ", -1));
      assertThat(words.getFirst()).isEqualTo("raft-tsdb");
      assertThat(Program.parse(words.subList(1, words.size())).commandSpec().name())
          .isEqualTo(words.get(1));
    }
  }

  @Test
  void serverHelpTellsEveryExitCode() {
    assertThat(Program.parse(List.of("server")).commandSpec())
        .satisfies(spec ->
            assertThat(spec.usageMessage().exitCodeList().keySet())
                .containsExactly(
                    "" + ExitCode.OK,
                    "" + ExitCode.DEFECT,
                    "" + ExitCode.USAGE,
                    "" + ExitCode.START_REFUSED,
                    "" + ExitCode.FAILED,
                    "" + ExitCode.DISK_FULL));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "demo --version", "server --version"})
  void versionNamesTheProgram(String arguments) {
    Program.Run run = Program.run(arguments.split(" ", -1));

    assertThat(run.exitCode()).isZero();
    if (arguments.equals("--version")) {
      assertThat(run.out()).startsWith("raft-tsdb ");
    }
  }

  @Test
  void withoutACommandItAsksWhich() {
    Program.Run run = Program.run();

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("Which command?", "demo", "server");
  }

  @Test
  void anUnknownCommandIsRefused() {
    Program.Run run = Program.run("serve");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("'serve'", "server");
  }

  @ParameterizedTest
  @ValueSource(strings = {"server --storage.tsdb.pth=x", "demo --nods 3", "--verbose"})
  void anUnknownOptionIsRefusedByName(String arguments) {
    String[] words = arguments.split(" ", -1);
    Program.Run run = Program.run(words);

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains(words[words.length == 1 ? 0 : 1]);
    assertThat(run.out()).isEmpty();
  }
}

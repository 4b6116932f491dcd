package io.rafttsdb.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.node.config.ConfigReader;
import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.node.config.NodeConfig;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code raft-tsdb demo} refuses before it starts anything, and the files that it writes. */
final class DemoCommandTest {

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "--nodes, 0, 'expected 1 to 9'",
    "--nodes, -1, 'expected 1 to 9'",
    "--nodes, 10, 'expected 1 to 9'",
    "--shards, 0, 'expected 1 to 16'",
    "--shards, 17, 'expected 1 to 16'",
    "--port, 0, 'expected 1 to 64533'",
    "--port, 64534, 'expected 1 to 64533'"
  })
  void aNumberThatCannotBeIsRefused(String option, String value, String reason) {
    Path data = directory.resolve("demo");
    Program.Run run = Program.run("demo", option, value, "--data", data.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.out()).contains(option + " " + value + ", " + reason);
    assertThat(data).as("nothing was written").doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--nodes", "--shards", "--port"})
  void aWordForANumberIsRefused(String option) {
    Program.Run run = Program.run("demo", option, "three");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains(option, "'three'");
  }

  @Test
  void aPortThatIsTakenIsRefused() throws Exception {
    Path data = directory.resolve("demo");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // Of the first node Raft's port, so that HTTP's is a thousand lower.
      int port = taken.getLocalPort() - DemoLayout.RAFT_PORT_OFFSET;
      Program.Run run =
          Program.run("demo", "--nodes", "1", "--port", "" + port, "--data", data.toString());

      assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
      assertThat(run.out()).contains("can't be used", "Is a demo running already?", "--port");
    }
    assertThat(data).as("nothing was written").doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"--nodes, 5", "--shards, 2", "--port, 19191"})
  void aClusterThatIsThereKeepsItsShape(String option, String value) throws Exception {
    DemoLayout.of(directory, 3, 1, 19_090).writeConfigurations(true);

    Program.Run run = Program.run("demo", option, value, "--data", directory.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.out()).contains("holds a cluster of --nodes 3 --shards 1 --port 19090");
  }

  @Test
  void whatIsWrittenIsWhatNodesReadAndTheNextStartFinds() throws Exception {
    Path odd = directory.resolve("with \"quotes\", blanks and \\");
    DemoLayout layout = DemoLayout.of(odd, 5, 2, 19_090);

    layout.writeConfigurations(false);

    assertThat(DemoLayout.existing(odd)).isEqualTo(layout);
    for (MemberAddress member : layout.members()) {
      NodeConfig config = ConfigReader.read(layout.configuration(member), Map.of());
      assertThat(config.self()).isEqualTo(member);
      assertThat(config.httpBind()).isEqualTo(member.http());
      assertThat(config.storagePath()).isEqualTo(odd.resolve(member.name()).resolve("data"));
      assertThat(config.shards()).isEqualTo(2);
      assertThat(config.selfMonitoringInterval()).isNull();
    }
    assertThat(layout.members().getLast().http()).hasToString("127.0.0.1:19094");
    assertThat(layout.members().getLast().raft()).hasToString("127.0.0.1:20094");
  }

  @Test
  void anEmptyDirectoryHoldsNoCluster() throws Exception {
    assertThat(DemoLayout.existing(directory)).isNull();
  }
}

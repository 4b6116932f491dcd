package io.rafttsdb.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.rafttsdb.node.cluster.DataDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** How {@code raft-tsdb server} refuses to start; what it does else needs a process of its own. */
final class ServerCommandTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger(ServerCommand.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @TempDir Path directory;

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
  }

  @ParameterizedTest
  @CsvSource({
    "--web.listen-address=9090, has no port",
    "--web.listen-address=localhost:0, 'port 0, expected 1 to 65535'",
    "--web.listen-address=localhost:http, 'has the port \"http\"'",
    "--storage.tsdb.min-block-duration=2hours, is not a duration",
    "--storage.tsdb.retention.time=15days, is not a duration",
    "--storage.tsdb.retention.size=10, is not a size",
    "--storage.tsdb.retention.size=9EB, is too large a size",
    "--web.enable-admin-api=perhaps, expected true or false"
  })
  void aFlagsValueIsRefusedByNameAndValue(String flag, String reason) {
    assertThat(server(flag)).isEqualTo(ExitCode.USAGE);

    assertThat(log()).contains(flag.split("=", 2)[0], reason);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void anUnknownKeyIsRefusedWithASuggestion() throws IOException {
    Path file = directory.resolve("node.conf");
    Files.writeString(file, "raft-tsdb {\n  http-adress = \"127.0.0.1:9090\"\n}\n");

    assertThat(Program.run("server", "--config", file.toString()).exitCode())
        .isEqualTo(ExitCode.USAGE);

    assertThat(log())
        .contains(file + ": 2", "unknown key raft-tsdb.http-adress")
        .contains("did you mean raft-tsdb.http-address?");
  }

  @Test
  void aMissingConfigurationFileIsRefused() {
    Path file = directory.resolve("none.conf");

    assertThat(Program.run("server", "--config", file.toString()).exitCode())
        .isEqualTo(ExitCode.USAGE);

    assertThat(log()).contains(file + " is not there");
  }

  @Test
  void aDirectoryThatIsInUseIsRefused() throws Exception {
    Path data = directory.resolve("data");
    try (DataDirectory _ = DataDirectory.open(data, "node1")) {
      assertThat(server("--storage.tsdb.path=" + data)).isEqualTo(ExitCode.START_REFUSED);
    }

    assertThat(log()).contains(data.toString(), "is in use by another process", "(exit code 3)");
  }

  @Test
  void aDirectoryThatIsNobodysIsRefused() throws IOException {
    Path data = Files.createDirectory(directory.resolve("data"));
    Files.writeString(data.resolve("letters.txt"), "not ours");

    assertThat(server("--storage.tsdb.path=" + data)).isEqualTo(ExitCode.START_REFUSED);

    assertThat(log()).contains("has no file identity, but is not empty", "letters.txt");
    assertThat(data.resolve("letters.txt")).hasContent("not ours");
  }

  @Test
  void anAddressThatIsTakenIsRefused() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      Path file = directory.resolve("node.conf");
      Files.writeString(
          file,
          "raft-tsdb { http-address = \""
              + address
              + "\", raft-address = \"127.0.0.1:1\", storage.path = "
              + directory.resolve("data")
              + " }");

      assertThat(Program.run("server", "--config", file.toString()).exitCode())
          .isEqualTo(ExitCode.START_REFUSED);

      assertThat(log()).contains("can't listen on", address);
    }
  }

  private int server(String flag) {
    return Program.run("server", flag).exitCode();
  }

  private String log() {
    return lines.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .collect(Collectors.joining("\n"));
  }
}

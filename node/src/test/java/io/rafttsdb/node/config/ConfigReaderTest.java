package io.rafttsdb.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigReaderTest {

  private static final String THREE =
      """
      raft-tsdb {
        name = node2
        http-address = "0.0.0.0:9090"
        raft-address = ":10090"
        members = [
          { name = node1, http = "alpha:9090", raft = "alpha:10090" }
          { name = node2, http = "beta:9090", raft = "beta:10090" }
          { name = node3, http = "[::1]:9090", raft = "[::1]:10090" }
        ]
        storage { path = /var/lib/raft-tsdb, min-block-duration = 1h30m, head-bytes-max = 512MiB }
        storage.snapshot-log-bytes = 256KiB
        self-monitoring { enabled = false }
      }
      """;

  @TempDir Path directory;

  @Test
  void aNodeWithoutAFileIsAClusterOfOneOnLoopback() throws ConfigError {
    NodeConfig config = ConfigReader.read(null, Map.of());

    assertThat(config.name()).isEqualTo("node1");
    assertThat(config.httpBind()).hasToString("127.0.0.1:9090");
    assertThat(config.raftBind()).hasToString("127.0.0.1:10090");
    assertThat(config.members())
        .containsExactly(new MemberAddress("node1", config.httpBind(), config.raftBind()));
    assertThat(config.storagePath()).isEqualTo(Path.of("data/"));
    assertThat(config.blockRange()).isNull();
    assertThat(config.headBytesMax()).isEqualTo(Runtime.getRuntime().maxMemory() / 2);
    assertThat(config.snapshotLogBytes()).isEqualTo(64L << 20);
    assertThat(config.selfMonitoringInterval()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void everyKeyOfAFileIsRead() throws Exception {
    NodeConfig config = ConfigReader.read(file(THREE), Map.of());

    assertThat(config.self())
        .isEqualTo(
            new MemberAddress("node2", new Address("beta", 9090), new Address("beta", 10090)));
    assertThat(config.members())
        .extracting(MemberAddress::name)
        .containsExactly("node1", "node2", "node3");
    assertThat(config.members().get(2).http()).isEqualTo(new Address("::1", 9090));
    assertThat(config.httpBind().isWildcard()).isTrue();
    assertThat(config.raftBind()).isEqualTo(new Address("0.0.0.0", 10090));
    assertThat(config.storagePath()).isEqualTo(Path.of("/var/lib/raft-tsdb"));
    assertThat(config.blockRange()).isEqualTo(Duration.ofMinutes(90));
    assertThat(config.headBytesMax()).isEqualTo(512L << 20);
    assertThat(config.snapshotLogBytes()).isEqualTo(256L << 10);
    assertThat(config.selfMonitoringInterval()).isNull();
  }

  @Test
  void aFlagIsStrongerThanTheFile() throws Exception {
    NodeConfig config =
        ConfigReader.read(
            file(THREE),
            Map.of(
                "--web.listen-address", ":9191",
                "--storage.tsdb.path", "elsewhere",
                "--storage.tsdb.min-block-duration", "2h"));

    assertThat(config.httpBind()).isEqualTo(new Address("0.0.0.0", 9191));
    assertThat(config.storagePath()).isEqualTo(Path.of("elsewhere"));
    assertThat(config.blockRange()).isEqualTo(Duration.ofHours(2));
  }

  @Test
  void aLoneNodeThatListensEverywhereIsItsOwnMemberOnLoopback() throws ConfigError {
    NodeConfig config = ConfigReader.read(null, Map.of("--web.listen-address", ":9191"));

    assertThat(config.self().http()).isEqualTo(new Address("127.0.0.1", 9191));
    assertThat(config.self().raft()).isEqualTo(new Address("127.0.0.1", 10191));
    assertThat(config.raftBind()).isEqualTo(new Address("0.0.0.0", 10191));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          name = "a b"                              | 1: raft-tsdb.name: "a b" is not a node's name
          http-address = 9090                       | 1: raft-tsdb.http-address: "9090" has no port
          http-address = "h:0"                      | 1: raft-tsdb.http-address: port 0, expected 1 to 65535
          http-address = "h:65000"                  | 1: raft-tsdb.http-address: raft-address is left out and would be port 66000
          raft-address = "127.0.0.1:9090"           | node node1 has 127.0.0.1:9090 for both HTTP and Raft
          storage.pth = x                           | 1: unknown key raft-tsdb.storage.pth; did you mean raft-tsdb.storage.path?
          nmae = x                                  | 1: unknown key raft-tsdb.nmae; did you mean raft-tsdb.name?
          storage = 7                               | 1: raft-tsdb.storage is 7, expected { ... }
          storage.min-block-duration = 90           | 1: raft-tsdb.storage.min-block-duration: "90" is not a duration
          storage.min-block-duration = 500ms        | block range of 500 ms, expected 1 s to 31 d
          storage.head-bytes-max = much             | 1: raft-tsdb.storage.head-bytes-max: expected a size
          storage.snapshot-log-bytes = 1            | storage.snapshot-log-bytes of 1 bytes, expected 64KiB
          storage.free-bytes-margin = little        | 1: raft-tsdb.storage.free-bytes-margin: expected a size
          storage.head-bytes-max = 1MiB             | storage.head-bytes-max of 1048576 bytes, expected at least 16777216
          self-monitoring.enabled = perhaps         | 1: raft-tsdb.self-monitoring.enabled: expected true or false
          self-monitoring.interval = 10ms           | self-monitoring.interval of 10ms, expected 1s to 1h
          members = 3                               | 1: raft-tsdb.members: expected a list
          members = [ { name = n, http = "h:1" } ]  | 1: raft-tsdb.members[0].raft: is missing
          members = [ { nam = n } ]                 | 1: unknown key raft-tsdb.members[].nam; did you mean name, http or raft?
          members = [ { name = n, http = "h:1", raft = "h:2" } ]       | this node's name, node1, is not among members [n]
          members = [ { name = node1, http = ":1", raft = "h:2" } ]    | member node1 has the address 0.0.0.0:1, which no other node can reach
          """)
  void whatIsWrongIsNamedWithItsPlace(String line, String message) throws IOException {
    Path file = file("raft-tsdb { " + line + " }");

    assertThatThrownBy(() -> ConfigReader.read(file, Map.of()))
        .isInstanceOf(ConfigError.class)
        .hasMessageContaining(message)
        .satisfies(e -> {
          if (message.startsWith("1: ")) {
            assertThat(e).hasMessageContaining(file.getFileName().toString());
          }
        });
  }

  @Test
  void aWrongFlagIsNamed() {
    assertThatThrownBy(
            () -> ConfigReader.read(null, Map.of("--storage.tsdb.min-block-duration", "2 hours")))
        .isInstanceOf(ConfigError.class)
        .hasMessageStartingWith("--storage.tsdb.min-block-duration: ");
  }

  @Test
  void aMisspelledRootAndAMissingFileAreErrors() throws IOException {
    Path file = file("raft-tsb { name = x }");

    assertThatThrownBy(() -> ConfigReader.read(file, Map.of()))
        .isInstanceOf(ConfigError.class)
        .hasMessageContaining("unknown key raft-tsb; did you mean raft-tsdb?");
    assertThatThrownBy(() -> ConfigReader.read(directory.resolve("none.conf"), Map.of()))
        .isInstanceOf(ConfigError.class)
        .hasMessageContaining("none.conf is not there");
  }

  @Test
  void environmentVariablesAreFilledIn() throws Exception {
    String path = System.getenv("PATH");

    NodeConfig config = ConfigReader.read(file("raft-tsdb.storage.path = ${PATH}"), Map.of());

    assertThat(config.storagePath()).isEqualTo(Path.of(path));
  }

  @Test
  void durationsAreWrittenAsTheyAreRead() {
    for (String text : List.of("500ms", "5s", "1m30s", "2h", "1d", "31d", "1d2h3m4s5ms", "0s")) {
      assertThat(PrometheusDuration.format(PrometheusDuration.parse(text))).isEqualTo(text);
    }
    assertThat(PrometheusDuration.parse("1y2w")).isEqualTo(Duration.ofDays(379));
    for (String text : List.of("", "5", "1m1h", "-5s", "1.5h", "9999999999999999999y")) {
      assertThatThrownBy(() -> PrometheusDuration.parse(text))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("node.conf"), text);
  }
}

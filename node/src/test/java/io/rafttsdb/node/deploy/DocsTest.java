package io.rafttsdb.node.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.rafttsdb.node.Node;
import io.rafttsdb.node.cli.Program;
import io.rafttsdb.node.cluster.FreePorts;
import io.rafttsdb.node.config.ConfigReader;
import io.rafttsdb.node.config.NodeConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/operations.md and docs/http-api.md say everything that a running node has. */
final class DocsTest {

  private static final String OPERATIONS = read("docs/operations.md");
  private static final String API = read("docs/http-api.md");
  private static final Duration START_MAX = Duration.ofSeconds(30);

  @TempDir Path directory;

  private static final List<Pattern> EXPLAINED =
      Pattern.compile("`([a-z]+_[a-z0-9_]+\\*?)`")
          .matcher(OPERATIONS)
          .results()
          .map(match -> Pattern.compile(match.group(1).replace("*", ".*")))
          .toList();

  /** Whether docs/operations.md says what a metric means. */
  static boolean isExplained(String metric) {
    return EXPLAINED.stream().anyMatch(known -> known.matcher(metric).matches());
  }

  @Test
  void everyMetricOfANodeIsExplained() throws Exception {
    String metrics = metricsOfANode();

    Set<String> unexplained =
        metrics
            .lines()
            .filter(line -> line.startsWith("# TYPE "))
            .map(line -> line.split(" ", -1)[2])
            .filter(name -> !isExplained(name))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(metrics).contains("raft_tsdb_raft_fsync_p99_seconds", "raft_tsdb_head_series");
    assertThat(unexplained).isEmpty();
  }

  /** Some metrics begin only with what they count, so the sources are asked. */
  @Test
  void everyMetricThatIsExplainedIsThere() throws IOException {
    String sources = sources("node") + sources("raft-statemachine");
    List<String> names =
        Pattern.compile("^\\| `raft_tsdb_([a-z0-9_]+)` \\|", Pattern.MULTILINE)
            .matcher(OPERATIONS)
            .results()
            .map(match -> match.group(1))
            .toList();

    assertThat(names).hasSizeGreaterThan(40);
    assertThat(names)
        .allMatch(name ->
            sources.contains("\"" + name + "\"") || sources.contains("\"raft_tsdb_" + name + "\""));
  }

  private static String sources(String module) throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files =
        Files.walk(DeployFiles.TOP.resolve(module).resolve("src/main/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        all.append(Files.readString(file));
      }
    }
    return all.toString();
  }

  private String metricsOfANode() throws Exception {
    NodeConfig config = oneNode();
    try (Node node =
            Node.start(
                config,
                InstantSource.system(),
                new Random(1),
                (reason, cause) -> {
                  throw new AssertionError(reason, cause);
                });
        HttpClient client = HttpClient.newHttpClient()) {
      String http = "http://127.0.0.1:" + node.httpAddress().getPort();
      Awaitility.await("ready")
          .atMost(START_MAX)
          .until(() -> get(client, http + "/-/ready").startsWith("raft-tsdb is Ready."));
      return get(client, http + "/metrics");
    }
  }

  private NodeConfig oneNode() throws Exception {
    List<Integer> ports = FreePorts.take(2);
    String conf =
        """
        raft-tsdb {
          http-address = "127.0.0.1:%d"
          raft-address = "127.0.0.1:%d"
          storage.path = "%s"
        }
        """
            .formatted(ports.get(0), ports.get(1), directory.resolve("data"));
    Path file = Files.writeString(directory.resolve("node.conf"), conf);
    return ConfigReader.read(file, Map.of());
  }

  private static String get(HttpClient client, String uri)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(uri)).build();
    return client.send(request, BodyHandlers.ofString()).body();
  }

  @Test
  void everyRouteIsDescribed() throws IOException {
    Set<String> routes = new TreeSet<>();
    Pattern.compile("\"(/(?:api/v1/[a-z_/{}]+|metrics|-/[a-z]+))\"")
        .matcher(sources("node"))
        .results()
        .forEach(match -> routes.add(match.group(1)));

    assertThat(routes).contains("/api/v1/query", "/-/ready", "/metrics");
    for (String found : routes) {
      String name =
          found.startsWith("/api/v1/cluster/bootstrap") ? "/api/v1/cluster/bootstrap/..." : found;
      assertThat(API)
          .as("route %s", found)
          .containsAnyOf("`" + name + "`", "`" + name.replace("/api/v1", "") + "`");
    }
  }

  @Test
  void everySettingAndFlagIsListed() {
    Config reference = ConfigFactory.parseResources("reference.conf").getConfig("raft-tsdb");
    Set<String> keys = new TreeSet<>();
    reference.root().keySet().stream()
        .filter(key -> !Set.of("storage", "self-monitoring").contains(key))
        .forEach(keys::add);
    for (String object : List.of("storage", "self-monitoring")) {
      reference.getObject(object).keySet().forEach(key -> keys.add(object + "." + key));
    }

    assertThat(keys).hasSizeGreaterThanOrEqualTo(10);
    keys.forEach(key -> assertThat(OPERATIONS).as("key").contains("`" + key + "`"));
    Program.parse(List.of("server")).commandSpec().options().stream()
        .filter(option -> !option.hidden() && !option.usageHelp() && !option.versionHelp())
        .forEach(option -> assertThat(OPERATIONS).contains("`" + option.longestName()));
  }

  @Test
  void everyExitCodeIsListed() {
    Set<String> listed =
        Pattern.compile("^\\| (\\d) \\| ", Pattern.MULTILINE)
            .matcher(OPERATIONS)
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(listed)
        .isEqualTo(
            Program.parse(List.of("server")).commandSpec().usageMessage().exitCodeList().keySet());
  }

  private static String read(String name) {
    return DeployFiles.text("../" + name);
  }
}

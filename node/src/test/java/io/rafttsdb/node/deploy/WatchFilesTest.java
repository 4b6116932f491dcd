package io.rafttsdb.node.deploy;

import static io.rafttsdb.node.deploy.DeployFiles.TOP;
import static io.rafttsdb.node.deploy.DeployFiles.at;
import static io.rafttsdb.node.deploy.DeployFiles.list;
import static io.rafttsdb.node.deploy.DeployFiles.string;
import static io.rafttsdb.node.deploy.DeployFiles.strings;
import static io.rafttsdb.node.deploy.DeployFiles.text;
import static io.rafttsdb.node.deploy.DeployFiles.yaml;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.promql.PromQl;
import io.rafttsdb.promql.QueryLimits;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files for Prometheus and Grafana ask for what nodes have, in the language that they know. */
final class WatchFilesTest {

  private static final String ALERTS = "prometheus/alerts.yaml";
  private static final String PROMETHEUS = "prometheus/prometheus.yaml";
  private static final String DASHBOARD = "grafana/raft-tsdb.json";

  private static final Pattern METRIC =
      Pattern.compile("\\b(?:raft_tsdb|node|jvm|process)_[a-z0-9_]+");

  /** What a summary's series have beyond its name. */
  private static final Pattern SUFFIX = Pattern.compile("_(sum|count)$");

  private final PromQl engine = new PromQl(QueryLimits.DEFAULT);

  @TempDir Path directory;

  static Stream<String> alertQueries() {
    return alerts().map(alert -> string(alert, "expr"));
  }

  static Stream<String> panelQueries() {
    return panels()
        .flatMap(panel -> list(panel, "targets").stream())
        .map(target -> string(target, "expr").replace("$__rate_interval", "1m"));
  }

  @ParameterizedTest
  @MethodSource({"alertQueries", "panelQueries"})
  void aQueryAsksForMetricsThatNodesHave(String query) {
    assertThat(engine.parse(query)).isNotNull();

    List<String> metrics = METRIC.matcher(query).results().map(match -> match.group()).toList();
    if (!query.startsWith("up{")) {
      assertThat(metrics).isNotEmpty();
    }
    assertThat(metrics)
        .allMatch(metric ->
            DocsTest.isExplained(metric)
                || DocsTest.isExplained(SUFFIX.matcher(metric).replaceFirst("")));
  }

  @Test
  void everyAlertIsExplained() {
    Set<String> names = new HashSet<>();
    alerts()
        .forEach(alert -> {
          String name = string(alert, "alert");
          assertThat(names.add(name)).as("%s once", name).isTrue();
          assertThat(text("../docs/operations.md")).contains("| `" + name + "` |");
          assertThat(string(alert, "labels.severity")).isIn("critical", "warning");
          assertThat(string(alert, "annotations.summary")).isNotBlank();
          assertThat(string(alert, "annotations.description")).isNotBlank();
        });
    assertThat(names).hasSizeGreaterThanOrEqualTo(10);
  }

  @Test
  void prometheusScrapesTheMembersAndWritesToThem() throws Exception {
    Object config = yaml(PROMETHEUS).getFirst();
    String conf = text("systemd/node.conf");
    String own = DeployFiles.memberNames(conf).getFirst();
    List<String> members =
        DeployFiles.read(directory, conf, own).members().stream()
            .map(MemberAddress::http)
            .map(Object::toString)
            .toList();

    assertThat(strings(config, "scrape_configs.0.static_configs.0.targets")).isEqualTo(members);
    assertThat(string(config, "scrape_configs.0.job_name")).isEqualTo("raft-tsdb");
    assertThat(strings(config, "rule_files")).containsExactly("alerts.yaml");
    assertThat(string(config, "remote_write.0.url"))
        .startsWith("http://")
        .endsWith(":9090/api/v1/write");
  }

  @Test
  void panelsLieBesideEachOther() {
    Set<String> taken = new HashSet<>();
    Set<Object> ids = new HashSet<>();
    panels()
        .forEach(panel -> {
          assertThat(ids.add(at(panel, "id"))).as("id of %s", at(panel, "title")).isTrue();
          Map<?, ?> place = (Map<?, ?>) at(panel, "gridPos");
          int x = (Integer) at(place, "x");
          int y = (Integer) at(place, "y");
          int width = (Integer) at(place, "w");
          assertThat(x + width).as("Grafana's grid has 24 columns").isLessThanOrEqualTo(24);
          for (int column = x; column < x + width; column++) {
            assertThat(taken.add(column + "," + y)).as("%s overlaps", place).isTrue();
          }
        });
    assertThat(ids).hasSizeGreaterThanOrEqualTo(20);
  }

  @Test
  void promtoolAcceptsTheFiles() throws Exception {
    Optional<Path> promtool = promtool();
    assumeTrue(promtool.isPresent(), "skipped: no promtool in PROMETHEUS_HOME or on the PATH");
    Process check =
        new ProcessBuilder(
                promtool.orElseThrow().toString(),
                "check",
                "config",
                TOP.resolve("deploy").resolve(PROMETHEUS).toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(check.getInputStream().readAllBytes(), UTF_8);

    assertThat(check.waitFor()).as(output).isZero();
    assertThat(output).contains(alerts().count() + " rules found");
  }

  private static Optional<Path> promtool() {
    Map<String, String> environment = System.getenv();
    List<Path> places = new ArrayList<>();
    String home = environment.get("PROMETHEUS_HOME");
    if (home != null) {
      places.add(Path.of(home));
      places.add(Path.of(home, "bin"));
    }
    for (String place : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      places.add(Path.of(place));
    }
    return places.stream()
        .map(place -> place.resolve("promtool"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Stream<?> alerts() {
    return list(yaml(ALERTS).getFirst(), "groups.0.rules").stream();
  }

  private static Stream<?> panels() {
    return list(yaml(DASHBOARD).getFirst(), "panels").stream();
  }
}

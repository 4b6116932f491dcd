package io.rafttsdb.node.deploy;

import static io.rafttsdb.node.deploy.DeployFiles.TOP;
import static io.rafttsdb.node.deploy.DeployFiles.at;
import static io.rafttsdb.node.deploy.DeployFiles.found;
import static io.rafttsdb.node.deploy.DeployFiles.list;
import static io.rafttsdb.node.deploy.DeployFiles.memberNames;
import static io.rafttsdb.node.deploy.DeployFiles.read;
import static io.rafttsdb.node.deploy.DeployFiles.string;
import static io.rafttsdb.node.deploy.DeployFiles.strings;
import static io.rafttsdb.node.deploy.DeployFiles.text;
import static io.rafttsdb.node.deploy.DeployFiles.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.node.cli.Program;
import io.rafttsdb.node.cluster.HealthEndpoints;
import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.config.ConfigReader;
import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.node.config.NodeConfig;
import io.rafttsdb.node.http.HttpLimits;
import io.rafttsdb.node.http.HttpListener;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpServer;
import io.rafttsdb.node.http.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.ParseResult;

/**
 * The files below deploy/ say what the program does: names, ports, paths, flags, exit codes. It
 * reads them as the program, or else a YAML parser, does; it starts no container engine.
 */
final class DeployFilesTest {

  private static final Path CONFIG_FILE = Path.of("/etc/raft-tsdb/node.conf");
  private static final Path LAUNCHER = Path.of("/opt/raft-tsdb/raft-tsdb");

  /** deploy/README.md tells people to allow a stop that long. */
  private static final Duration STOP_MIN = Duration.ofSeconds(40);

  @TempDir Path directory;

  @Test
  void everyMemberOfTheComposeFileReadsItsConfiguration() throws Exception {
    Map<?, ?> services = (Map<?, ?>) at(compose(), "services");
    String conf = text("docker/node.conf");

    assertThat(services.keySet().stream().map(String::valueOf).toList())
        .as("the services are the members, in order")
        .isEqualTo(memberNames(conf));
    Set<String> hostPorts = new TreeSet<>();
    for (String name : memberNames(conf)) {
      Object service = at(services, name);
      String own = string(service, "environment.RAFT_TSDB_NAME");
      NodeConfig config = read(directory, conf.replace("${RAFT_TSDB_NAME}", own), name);
      assertReachable(config, name, name);
      String[] ports = string(service, "ports.0").split(":", -1);
      assertThat(ports).as("host, its port, the container's").hasSize(3);
      hostPorts.add(ports[1]);
      assertThat(ports[2]).isEqualTo("" + config.httpBind().port());
      assertThat(strings(service, "volumes"))
          .containsExactly("./node.conf:" + CONFIG_FILE + ":ro", name + ":" + volume(dockerfile()));
      assertThat(config.storagePath().startsWith(volume(dockerfile()))).isTrue();
      assertThat((Map<?, ?>) at(compose(), "volumes"))
          .anySatisfy((key, value) -> assertThat(key).isEqualTo(name));
    }
    assertThat(hostPorts).as("README says so").containsExactly("9090", "9091", "9092");
  }

  @Test
  void theComposeFileRunsTheImageAsTheProgramIsRun() {
    Object service = at(compose(), "services.node1");

    ParseResult server = Program.parse(strings(service, "command"));
    assertThat(server.commandSpec().name()).isEqualTo("server");
    assertThat(server.matchedOptionValue("--config", Path.of(""))).isEqualTo(CONFIG_FILE);
    assertThat(seconds(string(service, "stop_grace_period"))).isGreaterThanOrEqualTo(STOP_MIN);
    Path context = TOP.resolve("deploy/docker").resolve(string(service, "build.context"));
    assertThat(context.normalize()).isEqualTo(TOP);
    assertThat(context.resolve(string(service, "build.dockerfile"))).exists();
  }

  @Test
  void theImagesOwnCommandIsOneNode() throws Exception {
    ParseResult server = Program.parse(words(found("^CMD (\\[.*])$", dockerfile())));

    assertThat(server.commandSpec().name()).isEqualTo("server");
    NodeConfig config = ConfigReader.read(null, flags(server));
    assertThat(config.members()).hasSize(1);
    assertThat(config.httpBind().isWildcard()).as("reached from outside").isTrue();
    assertThat(config.storagePath().startsWith(volume(dockerfile()))).isTrue();
    assertThat(found("^EXPOSE (.*)$", dockerfile()))
        .isEqualTo(config.httpBind().port() + " " + config.raftBind().port());
    assertThat(words(found("^ENTRYPOINT (\\[.*])$", dockerfile())))
        .containsExactly(LAUNCHER.toString());
  }

  @Test
  void whatTheImageCopiesIsThere() {
    String dockerfile = dockerfile();

    assertThat(dockerfile)
        .contains("COPY raft-tsdb " + LAUNCHER + "\n")
        .contains("COPY --from=build /source/node/target/lib /opt/raft-tsdb/lib\n")
        .contains("COPY deploy/docker/ready /opt/raft-tsdb/ready\n")
        .contains("CMD [\"/opt/raft-tsdb/ready\"]\n");
    assertThat(TOP.resolve("raft-tsdb")).isExecutable();
    assertThat(TOP.resolve("deploy/docker/ready")).isExecutable();
    assertThat(contents(TOP.resolve("raft-tsdb")))
        .as("an installation's jar lies beside the launcher")
        .contains("jar=$home/lib/raft-tsdb.jar");
    assertThat(contents(TOP.resolve(".dockerignore")).lines())
        .as("what is not sent to the build")
        .containsExactlyInAnyOrder(".git", "**/target", "**/data");
  }

  @Test
  void theImagesProbeAsksTheNode() throws Exception {
    Router waiting = health();
    Router ready =
        Router.builder().get("/-/ready", request -> HttpReply.text(200, "ready")).build();

    assertThat(probe(waiting)).as("exit code while the node waits").isNotZero();
    assertThat(probe(ready)).as("exit code when it is ready").isZero();
    assertThat(contents(TOP.resolve("deploy/docker/ready"))).contains("${1:-9090}");
  }

  @Test
  void everyPodReadsItsConfiguration() throws Exception {
    Object set = kubernetes("StatefulSet", "raft-tsdb");
    Map<?, ?> files = (Map<?, ?>) at(kubernetes("ConfigMap", "raft-tsdb"), "data");
    String conf = String.valueOf(files.get(CONFIG_FILE.getFileName().toString()));
    String service = string(set, "spec.serviceName");
    List<String> names = memberNames(conf);

    assertThat(names).hasSize((Integer) at(set, "spec.replicas"));
    assertThat(string(container(), "env.0.name")).isEqualTo("POD_NAME");
    assertThat(string(container(), "env.0.valueFrom.fieldRef.fieldPath"))
        .isEqualTo("metadata.name");
    for (int i = 0; i < names.size(); i++) {
      String pod = string(set, "metadata.name") + "-" + i;
      assertThat(names.get(i)).isEqualTo(pod);
      NodeConfig config = read(directory, conf.replace("${POD_NAME}", pod), pod);
      assertReachable(config, pod, pod + "." + service);
      assertThat(container(config)).containsExactlyInAnyOrder("http", "raft");
      assertThat(config.storagePath().startsWith(string(container(), "volumeMounts.0.mountPath")))
          .isTrue();
    }
  }

  @Test
  void thePodsStartSideBySideAndFindEachOther() {
    Object nodes =
        kubernetes("Service", string(kubernetes("StatefulSet", "raft-tsdb"), "spec.serviceName"));

    assertThat(at(kubernetes("StatefulSet", "raft-tsdb"), "spec.podManagementPolicy"))
        .as("the cluster comes into being when all answer")
        .isEqualTo("Parallel");
    assertThat(at(nodes, "spec.publishNotReadyAddresses")).isEqualTo(true);
    assertThat(at(nodes, "spec.clusterIP")).isEqualTo("None");
    int members = (Integer) at(kubernetes("StatefulSet", "raft-tsdb"), "spec.replicas");
    assertThat((Integer) at(kubernetes("PodDisruptionBudget", "raft-tsdb"), "spec.maxUnavailable"))
        .as("a majority stays")
        .isLessThanOrEqualTo((members - 1) / 2);
    Object labels = at(pod(), "metadata.labels");
    for (String kind : List.of("Service", "StatefulSet", "PodDisruptionBudget")) {
      Object spec = at(kubernetes(kind, "raft-tsdb"), "spec.selector");
      Object selector = kind.equals("Service") ? spec : at(spec, "matchLabels");
      assertThat(selector).as("selector of the %s", kind).isEqualTo(labels);
    }
    assertThat(at(nodes, "spec.selector")).isEqualTo(labels);
  }

  @Test
  void thePodRunsTheImageAsTheProgramIsRun() {
    ParseResult server = Program.parse(strings(container(), "args"));

    assertThat(server.commandSpec().name()).isEqualTo("server");
    assertThat(server.matchedOptionValue("--config", Path.of(""))).isEqualTo(CONFIG_FILE);
    assertThat(string(container(), "volumeMounts.1.mountPath"))
        .isEqualTo("" + CONFIG_FILE.getParent());
    assertThat(Duration.ofSeconds((Integer) at(pod(), "spec.terminationGracePeriodSeconds")))
        .isGreaterThanOrEqualTo(STOP_MIN);
    String user = found("--uid (\\d+)", dockerfile());
    assertThat(found("^USER (\\S+)$", dockerfile())).isEqualTo(user + ":" + user);
    for (String id : List.of("runAsUser", "runAsGroup", "fsGroup")) {
      assertThat(string(pod(), "spec.securityContext." + id)).isEqualTo(user);
    }
    assertThat(string(container(), "env.1.name")).isEqualTo("RAFT_TSDB_JAVA_OPTS");
    assertThat(contents(TOP.resolve("raft-tsdb"))).contains("${RAFT_TSDB_JAVA_OPTS:-}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"readinessProbe", "livenessProbe", "startupProbe"})
  void thePodsProbesAreTheNodes(String probe) throws Exception {
    String path = string(container(), probe + ".httpGet.path");

    assertThat(string(container(), probe + ".httpGet.port")).isEqualTo("http");
    int whileWaiting = probe.equals("readinessProbe") ? 503 : 200;
    try (HttpServer server = serve(health());
        HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
      assertThat(client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()))
          .as("a node that waits for the others is not ready, but alive")
          .satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(whileWaiting));
    }
  }

  @Test
  void everyMachineOfTheUnitReadsItsConfiguration() throws Exception {
    String conf = text("systemd/node.conf");
    String own = found("^  name = (\\S+)$", conf);

    assertThat(memberNames(conf)).contains(own);
    for (String name : memberNames(conf)) {
      String mine = conf.replace("  name = " + own + "\n", "  name = " + name + "\n");
      NodeConfig config = read(directory, mine, name);
      assertReachable(config, name, name + ".example.org");
      assertThat(config.storagePath())
          .isEqualTo(Path.of("/var/lib").resolve(unit("StateDirectory")));
    }
  }

  @Test
  void theUnitRunsTheProgramAndKnowsItsExitCodes() {
    List<String> command = List.of(unit("ExecStart").split(" ", -1));

    assertThat(command.getFirst()).isEqualTo(LAUNCHER.toString());
    ParseResult server = Program.parse(command.subList(1, command.size()));
    assertThat(server.commandSpec().name()).isEqualTo("server");
    assertThat(server.matchedOptionValue("--config", Path.of(""))).isEqualTo(CONFIG_FILE);
    assertThat(Arrays.stream(unit("RestartPreventExitStatus").split(" ", -1)))
        .map(Integer::valueOf)
        .containsExactlyInAnyOrderElementsOf(Program.NEEDS_A_PERSON);
    assertThat(Duration.ofSeconds(Long.parseLong(unit("TimeoutStopSec"))))
        .isGreaterThanOrEqualTo(STOP_MIN);
    assertThat(contents(TOP.resolve("raft-tsdb")).lines().filter(line -> line.startsWith("  -XX")))
        .as("whose exit code out of memory is 3, which stands for a damaged directory here")
        .noneMatch(line -> line.contains("ExitOnOutOfMemoryError"));
    assertThat(text("README.md"))
        .contains("install raft-tsdb /opt/raft-tsdb/ && cp -r node/target/lib /opt/raft-tsdb/")
        .contains("systemd/node.conf /etc/raft-tsdb/");
  }

  /** Listens on every interface, and is a member at its host and the ports it listens on. */
  private static void assertReachable(NodeConfig config, String name, String host) {
    assertThat(config.httpBind().isWildcard()).isTrue();
    assertThat(config.raftBind().isWildcard()).isTrue();
    MemberAddress self = config.self();
    assertThat(self.name()).isEqualTo(name);
    assertThat(self.http()).hasToString(host + ":" + config.httpBind().port());
    assertThat(self.raft()).hasToString(host + ":" + config.raftBind().port());
    assertThat(config.members()).hasSize(3);
  }

  private static Object compose() {
    return yaml("docker/compose.yaml").getFirst();
  }

  private static String dockerfile() {
    return text("docker/Dockerfile");
  }

  private static String volume(String dockerfile) {
    return found("^VOLUME (\\S+)$", dockerfile);
  }

  private static Object kubernetes(String kind, String name) {
    List<Object> found =
        yaml("kubernetes/raft-tsdb.yaml").stream()
            .filter(document -> string(document, "kind").equals(kind))
            .filter(document -> string(document, "metadata.name").equals(name))
            .toList();
    assertThat(found).as("%s %s", kind, name).hasSize(1);
    return found.getFirst();
  }

  private static Object pod() {
    return at(kubernetes("StatefulSet", "raft-tsdb"), "spec.template");
  }

  private static Object container() {
    return at(pod(), "spec.containers.0");
  }

  /** Names of the container's ports that are the node's. */
  private static Set<String> container(NodeConfig config) {
    Set<Integer> own = Set.of(config.httpBind().port(), config.raftBind().port());
    return list(container(), "ports").stream()
        .filter(port -> own.contains((Integer) at(port, "containerPort")))
        .map(port -> string(port, "name"))
        .collect(Collectors.toSet());
  }

  private static String unit(String key) {
    return found("^" + key + "=(.*)$", text("systemd/raft-tsdb.service"));
  }

  private static String contents(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The words of a JSON list of strings without escapes. */
  private static List<String> words(String json) {
    return Pattern.compile("\"([^\"]*)\"").matcher(json).results().map(m -> m.group(1)).toList();
  }

  private static Map<String, String> flags(ParseResult server) {
    Map<String, String> flags = new HashMap<>();
    ConfigReader.FLAGS.keySet().stream()
        .filter(server::hasMatchedOption)
        .forEach(flag -> flags.put(flag, server.matchedOptionValue(flag, "")));
    assertThat(flags).hasSameSizeAs(server.matchedOptions());
    return flags;
  }

  private static Duration seconds(String text) {
    return Duration.ofSeconds(Long.parseLong(found("^(\\d+)s$", text)));
  }

  private static Router health() {
    Router.Builder router = Router.builder();
    new HealthEndpoints(new ReplicaSlot()).register(router);
    return router.build();
  }

  private static HttpServer serve(Router router) throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return HttpServer.start(any, router, HttpLimits.DEFAULT, HttpListener.NONE);
  }

  /** Runs deploy/docker/ready against a server. */
  private static int probe(Router router) throws Exception {
    try (HttpServer server = serve(router)) {
      Process ready =
          new ProcessBuilder(
                  TOP.resolve("deploy/docker/ready").toString(),
                  Integer.toString(server.address().getPort()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        assertThat(ready.waitFor(20, TimeUnit.SECONDS)).as("the probe has ended").isTrue();
        return ready.exitValue();
      } finally {
        ready.destroyForcibly();
      }
    }
  }
}

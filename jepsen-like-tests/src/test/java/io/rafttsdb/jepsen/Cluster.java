package io.rafttsdb.jepsen;

import io.rafttsdb.client.ClientOptions;
import io.rafttsdb.client.RaftTsdbClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Some nodes that form a cluster; without self-monitoring, so that nothing but the test writes. */
final class Cluster implements AutoCloseable {
  private static final Pattern SHARDS = Pattern.compile("shards = (\\d+)");

  private static final Duration LEADER_MAX = Duration.ofSeconds(60);

  private final Path directory;
  private final LoopbackPorts ports;
  private final List<String> settings;
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  /**
   * Writes the configurations; starts nothing. The directory is empty or new.
   *
   * @param settings more keys of each node, as lines of its configuration
   */
  Cluster(Path directory, int size, LoopbackPorts ports, List<String> settings) throws IOException {
    List<Member> members = new ArrayList<>();
    for (int i = 1; i <= size; i++) {
      members.add(new Member("node" + i, ports.next(), ports.next()));
    }
    this.directory = directory;
    this.ports = ports;
    this.settings = settings;
    for (Member member : members) {
      nodes.add(node(member, members, settings));
    }
  }

  /** How many shards the nodes are configured to have. */
  int shards() {
    return settings.stream()
        .map(SHARDS::matcher)
        .filter(Matcher::find)
        .findFirst()
        .map(found -> Integer.parseInt(found.group(1)))
        .orElse(1);
  }

  private NodeProcess node(Member member, List<Member> members, List<String> lines)
      throws IOException {
    Path home = Files.createDirectories(directory.resolve(member.name())).toAbsolutePath();
    Path data = home.resolve("data");
    Path config = home.resolve("node.conf");
    Files.writeString(config, configuration(member, members, data, lines));
    URI address = URI.create("http://127.0.0.1:" + member.httpPort());
    return new NodeProcess(
        member.name(), config, data, address, member.raftPort(), home.resolve("node.log"), http);
  }

  /** One node more, which waits to be added. Starts nothing. */
  NodeProcess stranger() throws IOException {
    Member member = new Member("node" + (nodes.size() + 1), ports.next(), ports.next());
    List<String> lines = new ArrayList<>(settings);
    lines.add("join = true");
    NodeProcess node = node(member, List.of(), lines);
    nodes.add(node);
    return node;
  }

  private record Member(String name, int httpPort, int raftPort) {
    String http() {
      return "\"127.0.0.1:" + httpPort + "\"";
    }

    String raft() {
      return "\"127.0.0.1:" + raftPort + "\"";
    }
  }

  private static String configuration(
      Member self, List<Member> members, Path data, List<String> settings) {
    StringBuilder text = new StringBuilder("raft-tsdb {\n");
    text.append("  name = ").append(self.name()).append('\n');
    text.append("  http-address = ").append(self.http()).append('\n');
    text.append("  raft-address = ").append(self.raft()).append('\n');
    text.append("  members = [\n");
    for (Member member : members) {
      text.append("    { name = ").append(member.name());
      text.append(", http = ").append(member.http());
      text.append(", raft = ").append(member.raft()).append(" }\n");
    }
    text.append("  ]\n");
    text.append("  storage.path = \"").append(data).append("\"\n");
    settings.forEach(line -> text.append("  ").append(line).append('\n'));
    text.append("  self-monitoring.enabled = false\n}\n");
    return text.toString();
  }

  /** Starts all nodes and waits until each is ready. */
  Cluster start() {
    nodes.forEach(NodeProcess::start);
    nodes.forEach(NodeProcess::awaitReady);
    return this;
  }

  List<NodeProcess> nodes() {
    return nodes;
  }

  /** The node of a number from 1 on. */
  NodeProcess node(int number) {
    return nodes.get(number - 1);
  }

  List<NodeProcess> others(NodeProcess node) {
    return nodes.stream().filter(Predicate.not(node::equals)).toList();
  }

  /** Waits until a running node leads and is ready. */
  NodeProcess awaitLeader() {
    List<NodeProcess> found = new ArrayList<>();
    try {
      Awaitility.await()
          .atMost(LEADER_MAX)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> {
            Optional<NodeProcess> leader =
                nodes.stream().filter(n -> n.isRunning() && n.isLeader()).findFirst();
            leader.ifPresent(found::add);
            return leader.isPresent();
          });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("no leader within " + LEADER_MAX + "\n" + describe(), e);
    }
    return found.getLast();
  }

  /** SIGKILL for every node, one right after the other. */
  void killAll() {
    nodes.stream().filter(ServerProcess::isRunning).forEach(node -> node.signal("KILL"));
    nodes.forEach(ServerProcess::awaitExit);
  }

  /** A client that knows all nodes. */
  RaftTsdbClient client() {
    return new RaftTsdbClient(ClientOptions.of(nodes.stream().map(NodeProcess::http).toList()));
  }

  String describe() {
    return String.join("\n", nodes.stream().map(ServerProcess::describe).toList());
  }

  @Override
  public void close() {
    nodes.forEach(ServerProcess::close);
    http.shutdownNow();
  }
}

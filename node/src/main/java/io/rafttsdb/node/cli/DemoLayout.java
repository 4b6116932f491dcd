package io.rafttsdb.node.cli;

import io.rafttsdb.node.config.Address;
import io.rafttsdb.node.config.ConfigError;
import io.rafttsdb.node.config.ConfigReader;
import io.rafttsdb.node.config.MemberAddress;
import io.rafttsdb.node.config.NodeConfig;
import io.rafttsdb.replica.ShardGroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the demo's nodes are: node i is called {@code nodeI}, serves HTTP on port P+i-1 and Raft on
 * P+1000+i-1 of loopback, and has all its files in {@code DIR/nodeI}.
 *
 * @param directory DIR
 * @param shards of the cluster
 */
record DemoLayout(Path directory, List<MemberAddress> members, int shards) {

  static final int RAFT_PORT_OFFSET = 1000;
  private static final String HOST = "127.0.0.1";
  private static final int PORT_MAX = 65_535;

  DemoLayout {
    members = List.copyOf(members);
  }

  /**
   * @param port of the first node
   * @throws ConfigError where there can't be so many nodes or such ports
   */
  static DemoLayout of(Path directory, int nodes, int shards, int port) throws ConfigError {
    if (nodes < 1 || nodes > NodeConfig.MEMBERS_MAX) {
      throw new ConfigError(
          "--nodes " + nodes + ", expected 1 to " + NodeConfig.MEMBERS_MAX + "; three is usual");
    }
    if (shards < 1 || shards > ShardGroups.SHARDS_MAX) {
      throw new ConfigError(
          "--shards " + shards + ", expected 1 to " + ShardGroups.SHARDS_MAX + "; one is usual");
    }
    if (port < 1 || port + RAFT_PORT_OFFSET + nodes - 1 > PORT_MAX) {
      throw new ConfigError(
          "--port "
              + port
              + ", expected 1 to "
              + (PORT_MAX - RAFT_PORT_OFFSET - nodes + 1)
              + ": the nodes take it and the next ones, and those 1000 higher");
    }
    List<MemberAddress> members = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      Address http = new Address(HOST, port + i);
      members.add(
          new MemberAddress("node" + (i + 1), http, http.withPort(http.port() + RAFT_PORT_OFFSET)));
    }
    return new DemoLayout(directory, members, shards);
  }

  /**
   * The layout that a directory has from an earlier demo, or null where it has none.
   *
   * @throws ConfigError where its first node's configuration can't be read
   */
  static @Nullable DemoLayout existing(Path directory) throws ConfigError {
    Path file = directory.resolve("node1").resolve("node.conf");
    if (!Files.exists(file)) {
      return null;
    }
    NodeConfig config = ConfigReader.read(file, Map.of());
    Integer shards = config.shards();
    return new DemoLayout(directory, config.members(), shards == null ? 1 : shards);
  }

  int port() {
    return members.getFirst().http().port();
  }

  Path nodeDirectory(MemberAddress member) {
    return directory.resolve(member.name());
  }

  Path configuration(MemberAddress member) {
    return nodeDirectory(member).resolve("node.conf");
  }

  Path log(MemberAddress member) {
    return nodeDirectory(member).resolve("node.log");
  }

  /** Writes each node's configuration; a file is there whole or not at all. */
  void writeConfigurations(boolean selfMonitoring) throws IOException {
    for (MemberAddress member : members) {
      Files.createDirectories(nodeDirectory(member));
      Path file = configuration(member);
      Path tmp = file.resolveSibling("node.conf.tmp");
      Files.writeString(tmp, text(member, selfMonitoring));
      Files.move(tmp, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private String text(MemberAddress self, boolean selfMonitoring) {
    StringBuilder text = new StringBuilder();
    text.append("# Written by `raft-tsdb demo` at each of its starts. This node alone:\n");
    text.append("#   raft-tsdb server --config ").append(configuration(self)).append('\n');
    text.append("raft-tsdb {\n");
    text.append("  name = ").append(self.name()).append('\n');
    text.append("  http-address = \"").append(self.http()).append("\"\n");
    text.append("  raft-address = \"").append(self.raft()).append("\"\n");
    text.append("  members = [\n");
    for (MemberAddress member : members) {
      text.append("    { name = ").append(member.name());
      text.append(", http = \"").append(member.http());
      text.append("\", raft = \"").append(member.raft()).append("\" }\n");
    }
    text.append("  ]\n");
    text.append("  shards = ").append(shards).append('\n');
    text.append("  storage.path = ").append(quoted(nodeDirectory(self).resolve("data")));
    text.append("\n  self-monitoring.enabled = ").append(selfMonitoring).append("\n}\n");
    return text.toString();
  }

  private static String quoted(Path path) {
    String text = path.toAbsolutePath().toString();
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}

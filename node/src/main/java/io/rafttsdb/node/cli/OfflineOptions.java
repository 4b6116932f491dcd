package io.rafttsdb.node.cli;

import io.rafttsdb.node.config.ConfigError;
import io.rafttsdb.node.config.ConfigReader;
import io.rafttsdb.node.config.NodeConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command that works on a stopped node's directory learns which node that is. */
final class OfflineOptions {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration file of the node, as server takes it.")
  private @Nullable Path config;

  @Option(
      names = "--storage.tsdb.path",
      paramLabel = "DIR",
      description = "Its data directory (default: data/).")
  private @Nullable String storagePath;

  @Option(
      names = "--web.listen-address",
      paramLabel = "HOST:PORT",
      description = "Where it listens for HTTP (default: 127.0.0.1:9090).")
  private @Nullable String listenAddress;

  @Option(
      names = "--accept-loss",
      description = "Goes on without data that should be there and can't be read.")
  private boolean acceptLoss;

  /** Called by picocli, which sets the fields. */
  OfflineOptions() {}

  NodeConfig config() throws ConfigError {
    Map<String, String> flags = new HashMap<>();
    if (storagePath != null) {
      flags.put("--storage.tsdb.path", storagePath);
    }
    if (listenAddress != null) {
      flags.put("--web.listen-address", listenAddress);
    }
    return ConfigReader.read(config, flags);
  }

  boolean acceptsLoss() {
    return acceptLoss;
  }
}

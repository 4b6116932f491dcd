package io.rafttsdb.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.storage.model.SettingsChange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a node's configuration: flags before the file, the file before {@code reference.conf}.
 *
 * <p>A flag of the command line stands for one key: {@link #FLAGS}.
 */
public final class ConfigReader {

  /** The flags that set a key, by the flag's name. */
  public static final Map<String, String> FLAGS =
      Map.of(
          "--web.listen-address", "http-address",
          "--storage.tsdb.path", "storage.path",
          "--storage.tsdb.min-block-duration", "storage.min-block-duration",
          "--storage.tsdb.retention.time", "storage.retention-time",
          "--storage.tsdb.retention.size", "storage.retention-size",
          "--web.enable-admin-api", "admin-api");

  private static final String ROOT = "raft-tsdb";
  private static final int RAFT_PORT_OFFSET = 1000;

  private final Config config;

  private ConfigReader(Config config) {
    this.config = config;
  }

  /**
   * Reads and checks the whole configuration.
   *
   * @param file the configuration file, or null for none
   * @param flags values of flags, by their names in {@link #FLAGS}
   */
  public static NodeConfig read(@Nullable Path file, Map<String, String> flags) throws ConfigError {
    Config reference =
        ConfigFactory.parseResources(ConfigReader.class.getClassLoader(), "reference.conf");
    Config own = file == null ? ConfigFactory.empty() : parse(file);
    try {
      own = own.resolve();
    } catch (ConfigException e) {
      throw new ConfigError(String.valueOf(e.getMessage()), e);
    }
    KnownKeys.of(reference).check(own);
    Config all = flags(flags).withFallback(own).withFallback(reference).getConfig(ROOT);
    return new ConfigReader(all).node();
  }

  private static Config parse(Path file) throws ConfigError {
    if (!Files.isRegularFile(file)) {
      throw new ConfigError("configuration file " + file + " is not there");
    }
    try {
      return ConfigFactory.parseFile(
          file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
    } catch (ConfigException e) {
      throw new ConfigError("configuration file can't be read: " + e.getMessage(), e);
    }
  }

  private static Config flags(Map<String, String> flags) {
    Config config = ConfigFactory.empty();
    for (Map.Entry<String, String> flag : new TreeMap<>(flags).entrySet()) {
      String key = FLAGS.get(flag.getKey());
      if (key == null) {
        throw new IllegalArgumentException("no key for the flag " + flag.getKey());
      }
      ConfigValue value = ConfigValueFactory.fromAnyRef(flag.getValue(), flag.getKey());
      config = config.withValue(ROOT + "." + key, value);
    }
    return config;
  }

  private NodeConfig node() throws ConfigError {
    String name = string(config, "name", "name");
    Address http = value("http-address", Address::parse);
    Address raft =
        config.hasPath("raft-address") ? value("raft-address", Address::parse) : nextTo(http);
    boolean join = bool("join");
    List<MemberAddress> members = members();
    if (join) {
      members = members.stream().filter(member -> member.name().equals(name)).toList();
    }
    if (members.isEmpty()) {
      members = List.of(alone(name, http, raft));
    }
    try {
      return new NodeConfig(
          name,
          http,
          raft,
          join,
          members,
          value("storage.path", Path::of),
          optional("storage.min-block-duration", PrometheusDuration::parse),
          optional("shards", Integer::valueOf),
          settings(),
          blockPolicy(),
          headBytesMax(),
          bytes("storage.snapshot-log-bytes"),
          bytes("storage.free-bytes-margin"),
          bool("admin-api"),
          bool("leader-lease"),
          value("leader-priority", Integer::parseInt),
          bool("self-monitoring.enabled")
              ? value("self-monitoring.interval", PrometheusDuration::parse)
              : null);
    } catch (IllegalArgumentException e) {
      throw new ConfigError("configuration: " + e.getMessage(), e);
    }
  }

  /** Only what the configuration names: the rest is the cluster's. */
  private SettingsChange settings() throws ConfigError {
    Duration window = optional("storage.out-of-order-window", PrometheusDuration::parse);
    Duration time = optional("storage.retention-time", PrometheusDuration::parse);
    return new SettingsChange(
        window == null ? null : window.toMillis(),
        time == null ? null : time.toMillis(),
        optional("storage.retention-size", PrometheusSize::parse),
        optional("storage.block-range-factor", Integer::parseInt));
  }

  private BlockPolicy blockPolicy() throws ConfigError {
    return new BlockPolicy(
        Math.max(1, headBytesMax() / 2), bytes("storage.background-bytes-per-second"), 1);
  }

  private Address nextTo(Address http) throws ConfigError {
    try {
      return http.withPort(http.port() + RAFT_PORT_OFFSET);
    } catch (IllegalArgumentException e) {
      throw wrong("http-address", "raft-address is left out and would be " + e.getMessage(), e);
    }
  }

  /** One node that is the whole cluster; it finds itself by loopback if it listens everywhere. */
  private MemberAddress alone(String name, Address http, Address raft) throws ConfigError {
    try {
      return new MemberAddress(name, reachable(http), reachable(raft));
    } catch (IllegalArgumentException e) {
      throw wrong("name", String.valueOf(e.getMessage()), e);
    }
  }

  private static Address reachable(Address bound) {
    return bound.isWildcard() ? new Address("127.0.0.1", bound.port()) : bound;
  }

  private List<MemberAddress> members() throws ConfigError {
    List<? extends Config> configs;
    try {
      configs = config.getConfigList("members");
    } catch (ConfigException e) {
      throw wrong("members", "expected a list of { name, http, raft }: " + e.getMessage(), e);
    }
    List<MemberAddress> members = new ArrayList<>();
    for (int i = 0; i < configs.size(); i++) {
      members.add(member(configs.get(i), "members[" + i + "]"));
    }
    return members;
  }

  private static MemberAddress member(Config member, String place) throws ConfigError {
    for (String key : List.of("name", "http", "raft")) {
      if (!member.hasPath(key)) {
        throw wrong(member.origin().description(), place + "." + key, "is missing", null);
      }
    }
    try {
      return new MemberAddress(
          string(member, "name", place + ".name"),
          Address.parse(string(member, "http", place + ".http")),
          Address.parse(string(member, "raft", place + ".raft")));
    } catch (IllegalArgumentException e) {
      throw wrong(member.origin().description(), place, String.valueOf(e.getMessage()), e);
    }
  }

  private long headBytesMax() throws ConfigError {
    if (!config.hasPath("storage.head-bytes-max")) {
      return Math.max(NodeConfig.HEAD_BYTES_MIN, Runtime.getRuntime().maxMemory() / 2);
    }
    return bytes("storage.head-bytes-max");
  }

  private long bytes(String key) throws ConfigError {
    try {
      return config.getBytes(key);
    } catch (ConfigException e) {
      throw wrong(key, "expected a size as 512MiB: " + e.getMessage(), e);
    }
  }

  private boolean bool(String key) throws ConfigError {
    try {
      return config.getBoolean(key);
    } catch (ConfigException e) {
      throw wrong(key, "expected true or false: " + e.getMessage(), e);
    }
  }

  private <T> @Nullable T optional(String key, Function<String, T> reader) throws ConfigError {
    return config.hasPath(key) ? value(key, reader) : null;
  }

  private <T> T value(String key, Function<String, T> reader) throws ConfigError {
    String text = string(config, key, key);
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw wrong(key, String.valueOf(e.getMessage()), e);
    }
  }

  private static String string(Config config, String key, String shown) throws ConfigError {
    try {
      ConfigValue value = config.getValue(key);
      if (value.valueType() == ConfigValueType.OBJECT
          || value.valueType() == ConfigValueType.LIST) {
        throw wrong(value.origin().description(), shown, "expected one value", null);
      }
      return String.valueOf(value.unwrapped());
    } catch (ConfigException e) {
      throw wrong(config.origin().description(), shown, String.valueOf(e.getMessage()), e);
    }
  }

  private ConfigError wrong(String key, String what, Throwable cause) {
    return wrong(config.getValue(key).origin().description(), key, what, cause);
  }

  private static ConfigError wrong(
      String place, String key, String what, @Nullable Throwable cause) {
    String message = place + ": " + ROOT + "." + key + ": " + what;
    return cause == null ? new ConfigError(message) : new ConfigError(message, cause);
  }
}

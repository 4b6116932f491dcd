package io.rafttsdb.node.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.node.config.ConfigError;
import io.rafttsdb.node.config.ConfigReader;
import io.rafttsdb.node.config.NodeConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files below deploy/, and ways to read them. */
final class DeployFiles {

  /** Above the directory of this module, or of wherever the tests are started. */
  static final Path TOP = top();

  private static final Pattern MEMBER = Pattern.compile("\\{ name = ([a-z0-9-]+),");

  private DeployFiles() {}

  private static Path top() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve("deploy")) && Files.exists(at.resolve("raft-tsdb"))) {
        return at;
      }
    }
    throw new AssertionError("no deploy/ above " + Path.of("").toAbsolutePath());
  }

  static String text(String name) {
    try {
      return Files.readString(TOP.resolve("deploy").resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The documents of a YAML file; a key that stands twice is an error. */
  static List<Object> yaml(String name) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    List<Object> documents = new ArrayList<>();
    new Yaml(new SafeConstructor(options)).loadAll(text(name)).forEach(documents::add);
    return documents;
  }

  /**
   * What stands at a path of keys and list places, such as {@code spec.containers.0.image}. Keys
   * with a dot in them are not reached.
   */
  static Object at(Object document, String path) {
    Object value = document;
    for (String step : path.split("\\.", -1)) {
      value = child(value, step);
      if (value == null) {
        throw new AssertionError("no " + step + " of " + path + " in " + document);
      }
    }
    return value;
  }

  private static @Nullable Object child(Object value, String step) {
    return switch (value) {
      case Map<?, ?> map -> map.get(step);
      case List<?> list -> list.get(Integer.parseInt(step));
      default -> null;
    };
  }

  static List<?> list(Object document, String path) {
    return (List<?>) at(document, path);
  }

  static List<String> strings(Object document, String path) {
    return list(document, path).stream().map(String::valueOf).toList();
  }

  static String string(Object document, String path) {
    return String.valueOf(at(document, path));
  }

  /** What the first group of a pattern, which has to occur, stands for. */
  static String found(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
    assertThat(matcher.find()).as("%s in:%n%s", pattern, text).isTrue();
    return matcher.group(1);
  }

  /** Names of the members that a node.conf lists, in order. */
  static List<String> memberNames(String conf) {
    return MEMBER.matcher(conf).results().map(match -> match.group(1)).toList();
  }

  /** A node.conf as the node of this name reads it. */
  static NodeConfig read(Path directory, String conf, String name) throws IOException, ConfigError {
    Path file = Files.writeString(directory.resolve(name + ".conf"), conf);
    NodeConfig config = ConfigReader.read(file, Map.of());
    assertThat(config.name()).isEqualTo(name);
    return config;
  }
}

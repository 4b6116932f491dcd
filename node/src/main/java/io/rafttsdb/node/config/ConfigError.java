package io.rafttsdb.node.config;

/**
 * What is wrong with the configuration: the place (file and line, or the flag), the key, what was
 * expected and what came. The node does not start (exit code 2).
 */
public final class ConfigError extends Exception {
  private static final long serialVersionUID = 1L;

  public ConfigError(String message) {
    super(message);
  }

  ConfigError(String message, Throwable cause) {
    super(message, cause);
  }
}

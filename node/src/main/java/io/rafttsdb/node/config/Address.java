package io.rafttsdb.node.config;

import java.net.InetSocketAddress;
import java.util.regex.Pattern;

/**
 * A host, by name or number, and a TCP port. The host is resolved anew at each use, so that a name
 * may move to another number.
 *
 * @param host without brackets, never empty
 * @param port 1 to 65535
 */
public record Address(String host, int port) {

  private static final int PORT_MAX = 65_535;
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:-]{1,253}");

  public Address {
    if (!HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "\"" + host + "\" is not a host: expected letters, digits, '.', '-', or an IP number");
    }
    if (port < 1 || port > PORT_MAX) {
      throw new IllegalArgumentException("port " + port + ", expected 1 to " + PORT_MAX);
    }
  }

  /**
   * Reads {@code host:port}, {@code [IPv6]:port} or {@code :port}, which is every interface.
   *
   * @throws IllegalArgumentException where the text is none of these
   */
  public static Address parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("\"" + text + "\" has no port, expected host:port");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\": an IPv6 number stands in brackets, as in [::1]:9090");
    }
    String port = text.substring(colon + 1);
    if (!port.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException(
          "\"" + text + "\" has the port \"" + port + "\", expected 1 to " + PORT_MAX);
    }
    return new Address(host.isEmpty() ? "0.0.0.0" : host, Integer.parseInt(port));
  }

  /** Whether this listens on every interface, so that no other node can reach it by this host. */
  public boolean isWildcard() {
    return host.equals("0.0.0.0") || host.equals("::");
  }

  /** Another port of the same host. */
  public Address withPort(int otherPort) {
    return new Address(host, otherPort);
  }

  /** The address to bind or connect to, resolved now. */
  public InetSocketAddress resolve() {
    return new InetSocketAddress(host, port);
  }

  /** {@code host:port}, with brackets around an IPv6 number: {@link #parse} reads it again. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}

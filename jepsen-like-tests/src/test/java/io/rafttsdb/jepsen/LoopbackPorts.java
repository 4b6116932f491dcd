package io.rafttsdb.jepsen;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Ports on loopback that are free now and stay so while a node is down: they lie below the range
 * from which the system takes ports for outgoing connections.
 */
final class LoopbackPorts {

  private static final int FIRST = 10_000;
  private static final int END = 31_000;
  private static final int TRIES_MAX = 1000;

  private final RandomGenerator random;
  private final Set<Integer> taken = new HashSet<>();

  /**
   * @param random not seeded alike in two processes, which would race for the same ports
   */
  LoopbackPorts(RandomGenerator random) {
    this.random = random;
  }

  int next() {
    return nextWith(0);
  }

  /** A port that is free together with those at these distances above it. */
  int nextWith(int... distances) {
    for (int i = 0; i < TRIES_MAX; i++) {
      int port = random.nextInt(FIRST, END);
      boolean free = isFree(port);
      for (int distance : distances) {
        free = free && isFree(port + distance);
      }
      if (free) {
        taken.add(port);
        for (int distance : distances) {
          taken.add(port + distance);
        }
        return port;
      }
    }
    throw new IllegalStateException("no free port found in " + FIRST + " to " + END);
  }

  private boolean isFree(int port) {
    if (taken.contains(port)) {
      return false;
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}

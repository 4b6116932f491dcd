package io.rafttsdb.client;

import java.time.Duration;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Which node one call asks next, and when: a node that failed rests, longer each time. */
final class NodeRotation {

  private final int first;
  private final long[] restsUntilNanos;
  private final int[] failures;
  private final long backoffMinNanos;
  private final long backoffMaxNanos;
  private final RandomGenerator random;

  /**
   * @param first the node that is asked first; the others follow in order
   * @param nowNanos the time at which the call begins
   */
  NodeRotation(ClientOptions options, int first, long nowNanos, RandomGenerator random) {
    this.first = first;
    this.restsUntilNanos = new long[options.nodes().size()];
    this.failures = new int[options.nodes().size()];
    this.backoffMinNanos = options.backoffMin().toNanos();
    this.backoffMaxNanos = options.backoffMax().toNanos();
    this.random = random;
    Arrays.fill(restsUntilNanos, nowNanos);
  }

  /** The node whose rest ends first. */
  int next() {
    int best = first;
    for (int step = 1; step < restsUntilNanos.length; step++) {
      int node = (first + step) % restsUntilNanos.length;
      if (restsUntilNanos[node] - restsUntilNanos[best] < 0) {
        best = node;
      }
    }
    return best;
  }

  /** Nanoseconds from now until a node's rest is over, at least 0. */
  long restNanos(int node, long nowNanos) {
    return Math.max(0, restsUntilNanos[node] - nowNanos);
  }

  /**
   * Lets a node rest.
   *
   * @param atLeast what the node asked for by Retry-After
   */
  void failed(int node, long nowNanos, Duration atLeast) {
    int doublings = Math.min(failures[node]++, Long.SIZE - 2);
    long pause = Math.min(backoffMaxNanos, saturatedShift(backoffMinNanos, doublings));
    long jittered = pause / 2 + random.nextLong(pause / 2 + 1);
    restsUntilNanos[node] = nowNanos + Math.max(jittered, atLeast.toNanos());
  }

  private static long saturatedShift(long value, int doublings) {
    return Long.numberOfLeadingZeros(value) <= doublings + 1 ? Long.MAX_VALUE : value << doublings;
  }
}

package io.rafttsdb.replica;

import java.util.function.DoubleSupplier;

/**
 * A number to be watched.
 *
 * @param name in Prometheus's manner, without the project's prefix; seconds and bytes as units
 * @param value read on any thread
 */
public record ReplicaMetric(String name, Kind kind, String help, DoubleSupplier value) {

  /** How a metric moves. */
  public enum Kind {
    COUNTER,
    GAUGE
  }
}

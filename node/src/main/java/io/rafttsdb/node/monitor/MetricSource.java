package io.rafttsdb.node.monitor;

/** A part of the node that has metrics. */
@FunctionalInterface
public interface MetricSource {

  /**
   * Adds what it has now. Called on any thread, also on several at once; quick, and never waits for
   * the part that it measures. What can't be read is left out.
   */
  void collect(MetricSink sink);
}

package io.rafttsdb.node.monitor;

import java.util.List;

/** All sources of a node. Thread-safe, as they are. */
public final class NodeMetrics {

  private final List<MetricSource> sources;

  public NodeMetrics(List<MetricSource> sources) {
    this.sources = List.copyOf(sources);
  }

  /** Everything as it is now. */
  public List<MetricFamily> collect() {
    MetricSink sink = new MetricSink();
    for (MetricSource source : sources) {
      source.collect(sink);
    }
    return sink.families();
  }
}

package io.rafttsdb.promql.value;

import io.rafttsdb.storage.model.Labels;

/**
 * Takes the series of a vector one by one, in the vector's order.
 *
 * <p>No label set comes twice. The column belongs to the sink from then on: it may change it, and
 * the giver neither reads nor reuses it.
 */
@FunctionalInterface
public interface SeriesSink {
  void accept(Labels labels, double[] column);
}

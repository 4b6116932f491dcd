package io.rafttsdb.client;

import java.util.List;

/**
 * The answer of a remote read.
 *
 * @param series with their samples in order of time, stale markers included, bit for bit
 * @param indexes of each shard the log index whose state the answer is; empty where the server did
 *     not tell
 */
public record RawSamples(List<TimeSeries> series, List<Long> indexes) {

  public RawSamples {
    series = List.copyOf(series);
    indexes = List.copyOf(indexes);
  }
}

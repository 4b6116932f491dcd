package io.rafttsdb.client;

import java.util.List;

/**
 * The answer of a remote read.
 *
 * @param series with their samples in order of time, stale markers included, bit for bit
 * @param index the log index whose state the answer is, or -1 where the server did not tell
 */
public record RawSamples(List<TimeSeries> series, long index) {

  public RawSamples {
    series = List.copyOf(series);
  }
}

package io.rafttsdb.client;

import java.util.List;

/**
 * The answer of a PromQL query.
 *
 * @param indexes of each shard the log index whose state was queried; empty where the server did
 *     not tell
 */
public record QueryResult(
    Value value, List<String> warnings, List<String> infos, List<Long> indexes) {

  public QueryResult {
    warnings = List.copyOf(warnings);
    infos = List.copyOf(infos);
    indexes = List.copyOf(indexes);
  }

  /** What the expression came to. Values were printed and parsed: every NaN is the same here. */
  public sealed interface Value {}

  public record Scalar(Sample sample) implements Value {}

  public record Text(long timestampMs, String text) implements Value {}

  /**
   * The series at one time.
   *
   * @param series each with one sample
   */
  public record Vector(List<TimeSeries> series) implements Value {
    public Vector {
      series = List.copyOf(series);
    }
  }

  public record Matrix(List<TimeSeries> series) implements Value {
    public Matrix {
      series = List.copyOf(series);
    }
  }
}

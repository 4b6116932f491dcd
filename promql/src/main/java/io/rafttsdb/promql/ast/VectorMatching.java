package io.rafttsdb.promql.ast;

import java.util.List;

/**
 * How the series of two vectors find each other.
 *
 * @param on whether {@code labels} are those to compare, or those to leave out
 * @param include labels that the "many" side takes over from the "one" side
 */
public record VectorMatching(
    Cardinality cardinality, boolean on, List<String> labels, List<String> include) {

  /** How many series of each side may match. */
  public enum Cardinality {
    ONE_TO_ONE,
    MANY_TO_ONE,
    ONE_TO_MANY,
    MANY_TO_MANY
  }

  public VectorMatching {
    labels = List.copyOf(labels);
    include = List.copyOf(include);
  }
}

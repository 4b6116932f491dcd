package io.rafttsdb.promql.value;

import java.util.List;

/** A query's answer with the remarks made on the way. */
public record QueryResult(Value value, List<Annotation> warnings, List<Annotation> infos) {
  public QueryResult {
    warnings = List.copyOf(warnings);
    infos = List.copyOf(infos);
  }
}

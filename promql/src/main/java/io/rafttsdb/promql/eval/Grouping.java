package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.VectorMatching;
import io.rafttsdb.storage.model.Labels;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The part of a label set by which series are grouped or matched. */
final class Grouping {

  private final boolean keep;
  private final Set<String> names;

  private Grouping(boolean keep, Set<String> names) {
    this.keep = keep;
    this.names = names;
  }

  /** Only these labels. */
  static Grouping by(List<String> names) {
    return new Grouping(true, Set.copyOf(names));
  }

  /** All labels but these and the metric's name. */
  static Grouping without(List<String> names) {
    Set<String> dropped = new HashSet<>(names);
    dropped.add(Labels.METRIC_NAME);
    return new Grouping(false, Set.copyOf(dropped));
  }

  static Grouping of(VectorMatching matching) {
    return matching.on() ? by(matching.labels()) : without(matching.labels());
  }

  Labels key(Labels labels) {
    if (keep) {
      return names.isEmpty() ? Labels.EMPTY : labels.keep(names);
    }
    return names.size() == 1 ? labels.without(Labels.METRIC_NAME) : labels.drop(names);
  }
}

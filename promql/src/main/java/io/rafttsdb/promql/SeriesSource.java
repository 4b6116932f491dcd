package io.rafttsdb.promql;

import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import java.util.List;

/** Where a query finds its series. */
public interface SeriesSource {

  /**
   * The series of all selections of one query: for each a list, sorted by labels, all of the same
   * state. Called once per query, before evaluation.
   */
  List<List<SeriesView>> select(List<Selection> selections);
}

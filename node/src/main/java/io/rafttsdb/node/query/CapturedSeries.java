package io.rafttsdb.node.query;

import io.rafttsdb.promql.SeriesSource;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import java.util.ArrayList;
import java.util.List;

/** Captures the series of one query from the storages, and remembers from which states. */
final class CapturedSeries implements SeriesSource, AutoCloseable {

  /** Series of all selectors of a query together. */
  static final int SERIES_MAX = 2_000_000;

  private final Storages storage;
  private final List<Captures> captures = new ArrayList<>(1);
  private List<Long> indexes = List.of();

  CapturedSeries(Storages storage) {
    this.storage = storage;
  }

  @Override
  public List<List<SeriesView>> select(List<Selection> selections) {
    Captures captured = storage.select(selections, SERIES_MAX);
    captures.add(captured);
    indexes = captured.indexes();
    return captured.series();
  }

  /** The entry of each shard after which the captured state is; none where nothing was captured. */
  List<Long> indexes() {
    return indexes;
  }

  /** Lets go of what the series are read from. */
  @Override
  public void close() {
    captures.forEach(Captures::close);
    captures.clear();
  }
}

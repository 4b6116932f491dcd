package io.rafttsdb.node.query;

import io.rafttsdb.promql.SeriesSource;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import java.util.ArrayList;
import java.util.List;

/** Captures the series of one query from a storage, and remembers from which state. */
final class CapturedSeries implements SeriesSource, AutoCloseable {

  /** Series of all selectors of a query together. */
  static final int SERIES_MAX = 2_000_000;

  private final Tsdb storage;
  private final List<Capture> captures = new ArrayList<>(1);
  private long index = Tsdb.NOTHING_PUBLISHED;

  CapturedSeries(Tsdb storage) {
    this.storage = storage;
  }

  @Override
  public List<List<SeriesView>> select(List<Selection> selections) {
    Capture capture = storage.select(selections, SERIES_MAX);
    captures.add(capture);
    index = capture.index();
    return capture.series();
  }

  /** The entry after which the captured state is. */
  long index() {
    return index;
  }

  /** Lets go of what the series are read from. */
  @Override
  public void close() {
    captures.forEach(Capture::close);
    captures.clear();
  }
}

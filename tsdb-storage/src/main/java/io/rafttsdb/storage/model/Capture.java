package io.rafttsdb.storage.model;

import java.util.List;

/**
 * What a query sees: the state after exactly one log entry, the same for all its selections. Its
 * series may be read until it is closed, on any thread; it keeps the files of blocks mapped.
 */
public final class Capture implements AutoCloseable {

  private final long index;
  private final List<List<SeriesView>> series;
  private final Runnable release;

  /**
   * A capture.
   *
   * @param index that log entry
   * @param series one list per selection, in the selections' order, each sorted by labels
   * @param release gives back what the series need; called once for each {@link #close}
   */
  public Capture(long index, List<List<SeriesView>> series, Runnable release) {
    this.index = index;
    this.series = series;
    this.release = release;
  }

  /** The log entry after which the state is. */
  public long index() {
    return index;
  }

  /** One list per selection, in the selections' order, each sorted by labels. */
  public List<List<SeriesView>> series() {
    return series;
  }

  @Override
  public void close() {
    release.run();
  }
}

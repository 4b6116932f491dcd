package io.rafttsdb.storage.model;

/** One series as a query captured it; it does not change while the query reads it. */
public interface SeriesView {

  Labels labels();

  /**
   * A new cursor before the first sample of the selected range, stale markers included. Samples
   * come in order of time, each timestamp once; chunks are decoded as the cursor reaches them.
   */
  SampleCursor samples();
}

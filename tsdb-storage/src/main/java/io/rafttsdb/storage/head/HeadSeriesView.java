package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SeriesView;

/** A series as it was after one log entry; its samples in [minMs, maxMs], both ends included. */
record HeadSeriesView(Labels labels, ChunkPart first, long minMs, long maxMs)
    implements SeriesView {

  /** This series, and later chunks of the same labels. */
  HeadSeriesView then(HeadSeriesView later) {
    return new HeadSeriesView(labels, first.then(later.first), minMs, maxMs);
  }

  @Override
  public SampleCursor samples() {
    return new HeadCursor(first, minMs, maxMs);
  }
}

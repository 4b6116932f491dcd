package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.merge.MergeCursor;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SeriesView;
import java.util.ArrayList;
import java.util.List;

/**
 * A series as it was after one log entry; its samples in [minMs, maxMs], both ends included.
 *
 * @param slices what each ref has that the labels ever had, in order of refs, so of time
 * @param rangeMs length of block ranges
 */
record HeadSeriesView(List<SeriesSlice> slices, long minMs, long maxMs, long rangeMs)
    implements SeriesView {

  @Override
  public Labels labels() {
    return slices.getFirst().labels();
  }

  /** This series, and what a later ref of the same labels has. */
  HeadSeriesView and(HeadSeriesView later) {
    List<SeriesSlice> all = new ArrayList<>(slices);
    all.addAll(later.slices);
    return new HeadSeriesView(all, minMs, maxMs, rangeMs);
  }

  @Override
  public SampleCursor samples() {
    List<MergeCursor.Source> sources = new ArrayList<>();
    ChunkPart inOrder = null;
    List<Interval> deleted = new ArrayList<>();
    for (SeriesSlice slice : slices.reversed()) {
      ChunkPart earlier = slice.inOrder();
      if (earlier != null) {
        inOrder = inOrder == null ? earlier : earlier.then(inOrder);
        deleted.addAll(slice.deleted().ranges());
      }
    }
    if (inOrder != null) {
      long fromMs = Math.max(minMs, inOrder.chunk().minMs);
      SampleCursor samples = new HeadCursor(inOrder, minMs, maxMs);
      sources.add(
          new MergeCursor.Source(UndeletedCursor.of(samples, Intervals.of(deleted)), fromMs));
    }
    for (SeriesSlice slice : slices) {
      for (OutOfOrder samples : slice.outOfOrder()) {
        sources.add(new MergeCursor.Source(samples.cursor(minMs, maxMs, rangeMs), minMs));
      }
    }
    return MergeCursor.of(sources);
  }
}

package io.rafttsdb.storage.part;

import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.merge.ChunkCursor;
import io.rafttsdb.storage.merge.MergeCursor;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A series of several parts of the storage as one. Of samples with one timestamp that of the first
 * part is seen.
 */
public final class MergedSeries implements SeriesView {

  private final List<SeriesView> parts;

  private MergedSeries(List<SeriesView> parts) {
    this.parts = parts;
  }

  /** The part of a series that a block has. */
  private record BlockSeries(ChunkSeries series, long minMs, long maxMs) implements SeriesView {
    @Override
    public Labels labels() {
      return series.labels();
    }

    @Override
    public SampleCursor samples() {
      return new ChunkCursor(series, minMs, maxMs);
    }

    /** No sample of it is before. */
    long fromMs() {
      return Math.max(minMs, series.chunks().getFirst().minMs());
    }
  }

  /**
   * The series of the Head and of blocks together, sorted by labels.
   *
   * @param head sorted by labels
   * @param blocks the series of each block, sorted by labels
   */
  static List<SeriesView> merge(
      Selection selection, List<SeriesView> head, List<List<ChunkSeries>> blocks) {
    List<SeriesView> all = new ArrayList<>(head);
    for (List<ChunkSeries> block : blocks) {
      for (ChunkSeries series : block) {
        all.add(new BlockSeries(series, selection.minMs(), selection.maxMs()));
      }
    }
    all.sort(Comparator.comparing(SeriesView::labels)); // stable: the first part stays first
    List<SeriesView> merged = new ArrayList<>(all.size());
    for (int start = 0; start < all.size(); ) {
      int end = start + 1;
      while (end < all.size() && all.get(end).labels().equals(all.get(start).labels())) {
        end++;
      }
      merged.add(
          end == start + 1
              ? all.get(start)
              : new MergedSeries(List.copyOf(all.subList(start, end))));
      start = end;
    }
    return merged;
  }

  @Override
  public Labels labels() {
    return parts.getFirst().labels();
  }

  @Override
  public SampleCursor samples() {
    List<MergeCursor.Source> sources = new ArrayList<>(parts.size());
    for (SeriesView part : parts) {
      long fromMs = part instanceof BlockSeries block ? block.fromMs() : Long.MIN_VALUE;
      sources.add(new MergeCursor.Source(part.samples(), fromMs));
    }
    return MergeCursor.of(sources);
  }
}

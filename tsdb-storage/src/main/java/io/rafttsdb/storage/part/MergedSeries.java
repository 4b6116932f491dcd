package io.rafttsdb.storage.part;

import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.head.HeadSeriesView;
import io.rafttsdb.storage.merge.ChunkCursor;
import io.rafttsdb.storage.merge.MergeCursor;
import io.rafttsdb.storage.merge.ReadFailure;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

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
  private record BlockSeries(ChunkSeries series, long minMs, long maxMs, ReadFailure failure)
      implements SeriesView {
    @Override
    public Labels labels() {
      return series.labels();
    }

    @Override
    public SampleCursor samples() {
      return new ChunkCursor(series, minMs, maxMs, failure);
    }

    /** No sample of it is before. */
    long fromMs() {
      return Math.max(minMs, series.chunks().getFirst().minMs());
    }
  }

  /** The part of a series that one part of the storage has; parts of lower rank came earlier. */
  private record Ranked(SeriesView view, int rank) {
    Labels labels() {
      return view.labels();
    }
  }

  /**
   * What one block has of a selection.
   *
   * @param failure thrown where it can't be read
   */
  record BlockPart(int rank, List<ChunkSeries> series, ReadFailure failure) {}

  /**
   * The series of the Head, of sealed parts in memory and of blocks together, sorted by labels.
   *
   * @param head sorted by labels
   * @param blocks the series of each block
   * @param rankOf place of a part in the manifest
   */
  static List<SeriesView> merge(
      Selection selection,
      List<HeadSeriesView> head,
      List<BlockPart> blocks,
      ToIntFunction<Ulid> rankOf) {
    List<Ranked> all = new ArrayList<>(head.size());
    for (HeadSeriesView view : head) {
      // In-order samples never meet an earlier part: no two of them have one range.
      view.inOrder().ifPresent(inOrder -> all.add(new Ranked(inOrder, Integer.MIN_VALUE)));
      for (HeadSeriesView.LateView late : view.outOfOrder()) {
        int rank = late.part().map(rankOf::applyAsInt).orElse(Integer.MAX_VALUE);
        all.add(new Ranked(late, rank));
      }
    }
    for (BlockPart block : blocks) {
      for (ChunkSeries series : block.series) {
        SeriesView view =
            new BlockSeries(series, selection.minMs(), selection.maxMs(), block.failure);
        all.add(new Ranked(view, block.rank));
      }
    }
    all.sort(Comparator.comparing(Ranked::labels).thenComparingInt(Ranked::rank));
    List<SeriesView> merged = new ArrayList<>(all.size());
    for (int start = 0; start < all.size(); ) {
      int end = start + 1;
      while (end < all.size() && all.get(end).labels().equals(all.get(start).labels())) {
        end++;
      }
      merged.add(
          end == start + 1
              ? all.get(start).view
              : new MergedSeries(all.subList(start, end).stream().map(Ranked::view).toList()));
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

package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.merge.MergeCursor;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A series as it was after one log entry; its samples in [minMs, maxMs], both ends included.
 *
 * @param slices what each ref has that the labels ever had, in order of refs, so of time
 * @param rangeMs length of block ranges
 * @param lease held by the capture
 */
public record HeadSeriesView(
    List<SeriesSlice> slices, long minMs, long maxMs, long rangeMs, ChunkLease lease)
    implements SeriesView {

  @Override
  public Labels labels() {
    return slices.getFirst().labels();
  }

  /** This series, and what a later ref of the same labels has. */
  HeadSeriesView and(HeadSeriesView later) {
    List<SeriesSlice> all = new ArrayList<>(slices);
    all.addAll(later.slices);
    return new HeadSeriesView(all, minMs, maxMs, rangeMs, lease);
  }

  @Override
  public SampleCursor samples() {
    List<MergeCursor.Source> sources = new ArrayList<>();
    ChunkPart inOrder = inOrderChunks();
    if (inOrder != null) {
      sources.add(source(inOrder));
    }
    for (LateView late : outOfOrder()) {
      sources.add(new MergeCursor.Source(late.samples(), minMs));
    }
    return MergeCursor.of(sources);
  }

  private @Nullable ChunkPart inOrderChunks() {
    ChunkPart inOrder = null;
    for (SeriesSlice slice : slices.reversed()) {
      ChunkPart earlier = slice.inOrder();
      if (earlier != null) {
        inOrder = inOrder == null ? earlier : earlier.then(inOrder);
      }
    }
    return inOrder;
  }

  private MergeCursor.Source source(ChunkPart inOrder) {
    List<Interval> deleted = new ArrayList<>();
    for (SeriesSlice slice : slices) {
      if (slice.inOrder() != null) {
        deleted.addAll(slice.deleted().ranges());
      }
    }
    long fromMs = Math.max(minMs, inOrder.chunk().minMs);
    SampleCursor samples = new HeadCursor(inOrder, lease, minMs, maxMs);
    return new MergeCursor.Source(UndeletedCursor.of(samples, Intervals.of(deleted)), fromMs);
  }

  /** The samples in order alone, where there are any. */
  public Optional<SeriesView> inOrder() {
    ChunkPart chunks = inOrderChunks();
    return chunks == null ? Optional.empty() : Optional.of(new InOrderView(labels(), chunks, this));
  }

  /** The samples out of order alone: for each part that has some, and for the Head itself. */
  public List<LateView> outOfOrder() {
    List<LateView> views = new ArrayList<>();
    for (SeriesSlice slice : slices) {
      for (LateSamples late : slice.outOfOrder()) {
        views.add(new LateView(labels(), Optional.ofNullable(late.part()), late.samples(), this));
      }
    }
    return views;
  }

  private record InOrderView(Labels labels, ChunkPart chunks, HeadSeriesView of)
      implements SeriesView {
    @Override
    public SampleCursor samples() {
      return of.source(chunks).cursor();
    }
  }

  /** Samples of a series that came out of order. */
  public static final class LateView implements SeriesView {
    private final Labels labels;
    private final Optional<Ulid> part;
    private final OutOfOrder late;
    private final HeadSeriesView of;

    private LateView(Labels labels, Optional<Ulid> part, OutOfOrder late, HeadSeriesView of) {
      this.labels = labels;
      this.part = part;
      this.late = late;
      this.of = of;
    }

    /** The sealed part that they are in; empty while they are in the Head. */
    public Optional<Ulid> part() {
      return part;
    }

    @Override
    public Labels labels() {
      return labels;
    }

    @Override
    public SampleCursor samples() {
      return late.cursor(of.minMs, of.maxMs, of.rangeMs);
    }
  }
}

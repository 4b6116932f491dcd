package io.rafttsdb.storage.part;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.manifest.BlockDelete;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The deletes that a part bears, carried out series by series when it is read: they are predicates,
 * so that applying one needs no block. Immutable.
 *
 * @param deletes in any order
 */
public record PartDeletes(List<BlockDelete> deletes) {

  public static final PartDeletes NONE = new PartDeletes(List.of());

  public PartDeletes {
    deletes = List.copyOf(deletes);
  }

  /** What is deleted of a series. */
  public Intervals of(Labels labels) {
    List<Interval> intervals = new ArrayList<>();
    for (BlockDelete delete : deletes) {
      if (matches(delete.matchers(), labels)) {
        intervals.add(new Interval(delete.minMs(), delete.maxMs()));
      }
    }
    return Intervals.of(intervals);
  }

  private static boolean matches(List<Matcher> matchers, Labels labels) {
    for (Matcher matcher : matchers) {
      if (!matcher.matches(labels.get(matcher.name()))) {
        return false;
      }
    }
    return true;
  }

  /**
   * A series without what is deleted of it, also of what it says is deleted already; empty where no
   * chunk is left.
   */
  public Optional<ChunkSeries> over(ChunkSeries series) {
    if (deletes.isEmpty()) {
      return Optional.of(series);
    }
    List<Interval> all = new ArrayList<>(series.deleted().ranges());
    all.addAll(of(series.labels()).ranges());
    Intervals deleted = Intervals.of(all);
    List<ChunkPointer> left = new ArrayList<>();
    for (ChunkPointer chunk : series.chunks()) {
      if (!deleted.covers(chunk.minMs(), chunk.maxMs())) {
        left.add(chunk);
      }
    }
    return left.isEmpty()
        ? Optional.empty()
        : Optional.of(new ChunkSeries(series.labels(), left, deleted));
  }

  /** The series of a part that are left, as {@link #over(ChunkSeries)} has them. */
  public List<ChunkSeries> over(List<ChunkSeries> series) {
    if (deletes.isEmpty()) {
      return series;
    }
    List<ChunkSeries> left = new ArrayList<>(series.size());
    series.forEach(each -> over(each).ifPresent(left::add));
    return left;
  }

  /** A part as a block is built from it. Its symbols may name more than is left. */
  public ChunkSource over(ChunkSource part) {
    if (deletes.isEmpty()) {
      return part;
    }
    return new ChunkSource() {
      @Override
      public Iterator<String> symbols() throws IOException {
        return part.symbols();
      }

      @Override
      public Iterator<ChunkSeries> series() throws IOException {
        return new Left(part.series());
      }
    };
  }

  /** The series that are left of all. */
  private final class Left implements Iterator<ChunkSeries> {
    private final Iterator<ChunkSeries> all;
    private @Nullable ChunkSeries next;

    Left(Iterator<ChunkSeries> all) {
      this.all = all;
    }

    @Override
    public boolean hasNext() {
      while (next == null && all.hasNext()) {
        next = over(all.next()).orElse(null);
      }
      return next != null;
    }

    @Override
    public ChunkSeries next() {
      if (!hasNext() || next == null) {
        throw new NoSuchElementException();
      }
      ChunkSeries series = next;
      next = null;
      return series;
    }
  }
}

package io.rafttsdb.storage.merge;

import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.ChunkSource;
import io.rafttsdb.storage.model.SampleCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Several parts of the storage read as one, for a compaction: each series once, with the samples of
 * all parts in a time range, each timestamp once. Of samples with equal timestamps that of the
 * first part stays; what is deleted in a part hides samples of that part only, and is gone
 * afterwards.
 *
 * <p>Queries see the same by {@link #cursor}.
 */
public final class SeriesMerge implements ChunkSource {

  private final List<? extends ChunkSource> parts;
  private final long minMs;
  private final long maxMs;

  /**
   * A merge of [minMs, endMs).
   *
   * @param parts in the order in which they entered the manifest
   */
  public SeriesMerge(List<? extends ChunkSource> parts, long minMs, long endMs) {
    if (minMs >= endMs) {
      throw new IllegalArgumentException("empty range [" + minMs + ", " + endMs + ")");
    }
    this.parts = List.copyOf(parts);
    this.minMs = minMs;
    this.maxMs = endMs - 1;
  }

  /**
   * Walks the samples of one series in [minMs, maxMs].
   *
   * @param parts what the parts of the storage have of it, in the order in which they entered the
   *     manifest
   */
  public static SampleCursor cursor(List<ChunkSeries> parts, long minMs, long maxMs) {
    List<MergeCursor.Source> sources = new ArrayList<>(parts.size());
    for (ChunkSeries part : parts) {
      if (!part.chunks().isEmpty()) {
        long fromMs = Math.max(minMs, part.chunks().getFirst().minMs());
        sources.add(new MergeCursor.Source(new ChunkCursor(part, minMs, maxMs), fromMs));
      }
    }
    return MergeCursor.of(sources);
  }

  /** The strings of all parts, also those that only deleted series had. */
  @Override
  public Iterator<String> symbols() throws IOException {
    List<Iterator<String>> symbols = new ArrayList<>(parts.size());
    for (ChunkSource part : parts) {
      symbols.add(part.symbols());
    }
    return new SymbolMerge(symbols);
  }

  /**
   * All series that have samples. Chunks that nothing overlaps and of which nothing is deleted are
   * those of the parts; all others are decoded and made anew when their series is asked for. One
   * series at a time is held here.
   */
  @Override
  public Iterator<ChunkSeries> series() throws IOException {
    List<Iterator<ChunkSeries>> series = new ArrayList<>(parts.size());
    for (ChunkSource part : parts) {
      series.add(part.series());
    }
    return new NotEmpty(new LabelMerge<>(series, ChunkSeries::labels), minMs, maxMs);
  }

  private static final class NotEmpty implements Iterator<ChunkSeries> {
    private final LabelMerge<ChunkSeries> merge;
    private final long minMs;
    private final long maxMs;
    private @Nullable ChunkSeries next;

    NotEmpty(LabelMerge<ChunkSeries> merge, long minMs, long maxMs) {
      this.merge = merge;
      this.minMs = minMs;
      this.maxMs = maxMs;
    }

    @Override
    public boolean hasNext() {
      while (next == null && merge.hasNext()) {
        ChunkSeries merged = ChunkMerge.merge(merge.next(), minMs, maxMs);
        next = merged.chunks().isEmpty() ? null : merged;
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

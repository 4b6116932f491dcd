package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.index.Refs;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts and chunks of a set of series, all as one published state had them ({@link UndoRing} says
 * how). For one reader thread.
 */
final class SeriesCounts {

  /** Series read between two looks at the ring. */
  private static final int PORTION_SERIES = 1024;

  private final SeriesTable table;
  private final Refs refs;
  private final @Nullable MemSeries[] series;
  private final @Nullable HeadChunk[] newest;
  private final @Nullable OutOfOrder[] outOfOrder;
  private final long[] totals;
  private final long[] newestMs;

  SeriesCounts(SeriesTable table, Refs refs) {
    this.table = table;
    this.refs = refs;
    this.series = new MemSeries[refs.count()];
    this.newest = new HeadChunk[refs.count()];
    this.outOfOrder = new OutOfOrder[refs.count()];
    this.totals = new long[refs.count()];
    this.newestMs = new long[refs.count()];
  }

  /** Reads them all. False where the notes were overwritten before they could be read. */
  boolean read(NotesSince notes) {
    for (int i = 0; i < series.length; ) {
      int end = Math.min(series.length, i + PORTION_SERIES);
      for (; i < end; i++) {
        MemSeries found = table.series(refs.get(i));
        series[i] = found;
        if (found != null) {
          newestMs[i] = found.newestMs();
          totals[i] = found.total();
          newest[i] = found.newest();
          outOfOrder[i] = found.outOfOrder();
        }
      }
      if (!notes.collect()) {
        return false;
      }
    }
    return true;
  }

  /** Takes back what the notes, complete after the last {@link #read}, say of these series. */
  void takeBack(NotesSince notes) {
    if (notes.isEmpty()) {
      return;
    }
    for (int i = 0; i < series.length; i++) {
      int note = notes.find(refs.get(i));
      if (note >= 0) {
        totals[i] = notes.total(note);
        newestMs[i] = notes.newestMs(note);
        outOfOrder[i] = notes.outOfOrder(note);
      }
    }
  }

  int count() {
    return series.length;
  }

  /** What a series has that reaches into [minMs, maxMs] and the state holds, or null. */
  @Nullable SeriesSlice slice(int i, long minMs, long maxMs, HeadState state) {
    MemSeries found = series[i];
    if (found == null) {
      return null;
    }
    HeadChunk chunk = newest[i];
    Intervals deleted = state.deletes().of(refs.get(i));
    ChunkPart parts =
        chunk == null
            ? null
            : ChunkPart.of(
                refs.get(i), chunk, totals[i], newestMs[i], minMs, maxMs, state, deleted);
    List<LateSamples> others = state.outOfOrderOf(refs.get(i), outOfOrder[i], minMs, maxMs);
    return parts == null && others.isEmpty()
        ? null
        : new SeriesSlice(found.labels(), parts, deleted, others);
  }
}

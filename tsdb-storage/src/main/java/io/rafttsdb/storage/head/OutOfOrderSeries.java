package io.rafttsdb.storage.head;

import io.rafttsdb.storage.index.Refs;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SealedRange;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The series that have samples out of order. They are pinned: no cut drops them, and they count in
 * no range; when their last such sample is sealed they are dropped or count like others again.
 *
 * <p>Owned by the apply thread.
 */
final class OutOfOrderSeries {

  private final UndoRing ring;
  private final HeadTotals totals;
  private final TreeMap<Long, MemSeries> byRef = new TreeMap<>();

  OutOfOrderSeries(UndoRing ring, HeadTotals totals) {
    this.ring = ring;
    this.totals = totals;
  }

  /**
   * Adds a sample at a timestamp where the series has none. The change was noted.
   *
   * @param valueBits of a float
   * @param histogram null for a float
   */
  void insert(
      MemSeries series,
      long timestampMs,
      long valueBits,
      @Nullable NativeHistogram histogram,
      long rangeMs) {
    OutOfOrder before = series.outOfOrder();
    OutOfOrder known = before == null ? OutOfOrder.NONE : before;
    OutOfOrder after = known.with(timestampMs, valueBits, histogram, rangeMs);
    series.outOfOrder(after);
    totals.outOfOrder(timestampMs, known, after);
    if (before == null) {
      HeadChunk newest = series.newest();
      if (newest != null) {
        totals.series(newest.minMs, -1, HeadContents.bytesOf(series));
      }
      totals.pinned(1, HeadContents.bytesOf(series));
      pin(series);
    }
  }

  private void pin(MemSeries series) {
    byRef.put(series.ref, series);
    series.page.pin(series.ref);
  }

  /** Deletes [minMs, maxMs] of what some series have. */
  void delete(Refs unwanted, long minMs, long maxMs) {
    for (int i = 0; i < unwanted.count() && !byRef.isEmpty(); i++) {
      MemSeries series = byRef.get(unwanted.get(i));
      OutOfOrder before = series == null ? null : series.outOfOrder();
      if (series != null && before != null) {
        ring.note(series.ref, series.total(), series.newestMs(), before);
        series.outOfOrder(before.delete(minMs, maxMs));
      }
    }
  }

  /** Takes up a series from an image that has samples out of order. */
  void restore(MemSeries series, OutOfOrder samples) {
    series.outOfOrder(samples);
    totals.outOfOrder(samples);
    pin(series);
  }

  /**
   * Seals the samples of a block range.
   *
   * @param sealedUpToMs series that have no sample from this time on, nor any out of order, are
   *     dropped
   */
  OutOfOrderPart seal(SealedRange range, long sealedUpToMs) {
    List<MemSeries> sealed = new ArrayList<>();
    List<OutOfOrder> samples = new ArrayList<>();
    for (Iterator<MemSeries> each = byRef.values().iterator(); each.hasNext(); ) {
      MemSeries series = each.next();
      OutOfOrder all = series.outOfOrder();
      if (all == null) {
        throw new IllegalStateException("expected samples out of order in series " + series.ref);
      }
      OutOfOrder inside = all.between(range.fromMs(), range.upToMs());
      if (!inside.isEmpty()) {
        sealed.add(series);
        samples.add(inside);
        OutOfOrder rest = all.outside(range.fromMs(), range.upToMs());
        keep(series, all, rest, sealedUpToMs);
        if (rest.isEmpty()) {
          each.remove();
        }
      }
    }
    totals.sealedOutOfOrder(range.fromMs());
    return new OutOfOrderPart(range, sealed, samples);
  }

  private void keep(MemSeries series, OutOfOrder all, OutOfOrder rest, long sealedUpToMs) {
    ring.note(series.ref, series.total(), series.newestMs(), all);
    series.outOfOrder(rest.orNull());
    totals.exchanged(all, rest);
    if (rest.isEmpty()) {
      series.page.unpin(series.ref);
      unpinned(series, sealedUpToMs);
    }
  }

  private void unpinned(MemSeries series, long sealedUpToMs) {
    int bytes = HeadContents.bytesOf(series);
    totals.pinned(-1, bytes);
    HeadChunk newest = series.newest();
    if (newest != null && newest.minMs >= sealedUpToMs) {
      totals.series(newest.minMs, 1, bytes);
    } else {
      series.page.drop(series.ref);
    }
  }
}

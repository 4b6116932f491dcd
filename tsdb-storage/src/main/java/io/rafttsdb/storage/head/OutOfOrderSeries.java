package io.rafttsdb.storage.head;

import io.rafttsdb.storage.index.Refs;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SealedRange;
import org.jspecify.annotations.Nullable;

/**
 * The series that have samples out of order. They are pinned: no cut drops them, and they count in
 * no range; when their last such sample is sealed they are dropped or count like others again.
 *
 * <p>Owned by the apply thread.
 */
final class OutOfOrderSeries {

  private final SeriesTable table;
  private final UndoRing ring;
  private final HeadTotals totals;
  private int count;

  OutOfOrderSeries(SeriesTable table, UndoRing ring, HeadTotals totals) {
    this.table = table;
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
        totals.series(newest.minMs, -1, series.ownBytes());
      }
      totals.pinned(1, series.ownBytes());
      pin(series);
    }
  }

  private void pin(MemSeries series) {
    count++;
    series.page.pin(series.ref);
  }

  /** Deletes [minMs, maxMs] of what some series have. */
  void delete(Refs unwanted, long minMs, long maxMs) {
    for (int i = 0; i < unwanted.count() && count > 0; i++) {
      MemSeries series = table.series(unwanted.get(i));
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
    OutOfOrderPart.Builder part = new OutOfOrderPart.Builder(count);
    Portion portion = new Portion(range);
    table.forEachPage(page -> {
      portion.read(page);
      part.add(portion.series, portion.inside, portion.count);
      for (int i = 0; i < portion.count; i++) {
        keep(portion.series[i], portion.samples[i], portion.rest(i), sealedUpToMs);
      }
    });
    totals.sealedOutOfOrder(range.fromMs());
    return part.build(range);
  }

  /**
   * The series of a page that have samples in a range. Read in loops that do little, so that the
   * processor waits for the memory of many series at once; and gathered here, as storing references
   * one by one into an array that the collector sees as old costs a fence each.
   */
  private static final class Portion {
    private final SealedRange range;
    final MemSeries[] series = new MemSeries[SeriesPage.SERIES];
    final OutOfOrder[] samples = new OutOfOrder[SeriesPage.SERIES];
    final OutOfOrder[] inside = new OutOfOrder[SeriesPage.SERIES];
    int count;

    Portion(SealedRange range) {
      this.range = range;
    }

    void read(SeriesPage page) {
      int pinned = page.copyPinnedTo(series);
      for (int i = 0; i < pinned; i++) {
        OutOfOrder all = series[i].outOfOrder();
        if (all == null) {
          throw new IllegalStateException(
              "expected samples out of order in series " + series[i].ref);
        }
        samples[i] = all;
      }
      count = 0;
      for (int i = 0; i < pinned; i++) {
        OutOfOrder found = samples[i].between(range.fromMs(), range.upToMs());
        if (!found.isEmpty()) {
          series[count] = series[i];
          samples[count] = samples[i];
          inside[count++] = found;
        }
      }
    }

    /** What a series has outside of the range. */
    OutOfOrder rest(int i) {
      return inside[i] == samples[i]
          ? OutOfOrder.NONE
          : samples[i].outside(range.fromMs(), range.upToMs());
    }
  }

  private void keep(MemSeries series, OutOfOrder all, OutOfOrder rest, long sealedUpToMs) {
    ring.note(series.ref, series.total(), series.newestMs(), all);
    series.outOfOrder(rest.orNull());
    totals.exchanged(all, rest);
    if (rest.isEmpty()) {
      count--;
      series.page.unpin(series.ref);
      unpinned(series, sealedUpToMs);
    }
  }

  private void unpinned(MemSeries series, long sealedUpToMs) {
    totals.pinned(-1, series.ownBytes());
    // No chunk crosses a border of ranges: where the newest sample is, its chunk is.
    long newestMs = series.newestMs();
    if (newestMs >= sealedUpToMs) {
      totals.series(newestMs, 1, series.ownBytes());
    } else {
      series.page.drop(series.ref);
    }
  }
}

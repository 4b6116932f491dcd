package io.rafttsdb.storage.head;

import io.rafttsdb.storage.index.LabelIndex;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.AppendResult.Reason;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest samples of all series, in memory; what a log entry changes.
 *
 * <p>Owned by the apply thread: every method changes state and may be called by it alone, but
 * {@link #published}, {@link #refOf} and {@link #labelsOf}. Queries go through {@link HeadReader}.
 * The state is a function of the calls: no clock, no chance, no order of a hash table.
 */
public final class Head {

  /** Index before the first {@link #publish}. */
  public static final long NOTHING_PUBLISHED = -1;

  /** Notes for readers: 3 MiB, and the changes of about a tenth of a second at full speed. */
  static final int RING_NOTES = 1 << 17;

  /** Series that are swept at least with each entry: some tens of microseconds. */
  private static final int SWEEP_SERIES_MIN = 512;

  /** Rows whose series are brought into the processor's cache together. */
  private static final int TOUCH_ROWS = 32;

  private final SeriesTable table = new SeriesTable();
  private final LabelIndex index = new LabelIndex();
  private final UndoRing ring;

  private @Nullable Settings settings;
  private final HeadTotals totals = new HeadTotals();
  private final Sealing sealing = new Sealing(table, index);
  private long maxMs = Long.MIN_VALUE;

  /** What lies below; the Head only publishes it together with what is in memory. */
  private Manifest manifest = Manifest.EMPTY;

  /** Whether anything was changed since the last {@link #publish}. */
  private boolean isChanged;

  /** Samples stored since then. */
  private long storedCount;

  /** Keeps the reads of {@link #touch} from being optimized away. */
  @SuppressWarnings("UnusedVariable")
  private long touched;

  private volatile HeadState published;

  public Head() {
    this(RING_NOTES);
  }

  /**
   * @param ringNotes changes of series that the undo ring keeps for readers, a power of two
   */
  public Head(int ringNotes) {
    ring = new UndoRing(ringNotes);
    published = state(NOTHING_PUBLISHED);
  }

  /**
   * Sets the settings: the first ones, or later ones with the same block range. A window for
   * out-of-order samples is refused: the Head keeps each series in order.
   *
   * @return whether the settings were accepted
   */
  public boolean configure(Settings wanted) {
    Settings present = settings;
    if (wanted.outOfOrderWindowMs() > 0
        || (present != null && present.blockRangeMs() != wanted.blockRangeMs())) {
      return false;
    }
    settings = wanted;
    totals.rangeMs(wanted.blockRangeMs());
    isChanged = true;
    return true;
  }

  /**
   * Stores the samples of a request, one by one, or none where a ref or the settings are lacking.
   */
  public AppendResult append(SampleBatch batch) {
    Settings present = settings;
    if (present == null) {
      return new AppendResult.NoSettings();
    }
    for (int row = 0; row < batch.rowCount(); row++) {
      long ref = batch.ref(row);
      if (ref != SampleBatch.NO_REF && !table.isLive(ref)) {
        return new AppendResult.UnknownRef(ref);
      }
    }
    Verdicts verdicts = new Verdicts();
    long minValidMs = minValidMs();
    for (int row = 0; row < batch.rowCount(); row++) {
      if (row % TOUCH_ROWS == 0) {
        touch(batch, row, Math.min(row + TOUCH_ROWS, batch.rowCount()));
      }
      appendRow(batch, row, present.blockRangeMs(), minValidMs, verdicts);
    }
    return verdicts.result();
  }

  /**
   * Reads what the next rows need. The processor waits for the memory of many series at once here,
   * and for that of one after the other in the appends (100,000 series: 165 against 130 ns a
   * sample).
   */
  private void touch(SampleBatch batch, int startRow, int endRow) {
    long read = 0;
    for (int row = startRow; row < endRow; row++) {
      long ref = batch.ref(row);
      if (ref != SampleBatch.NO_REF) {
        MemSeries series = table.series(ref);
        read += series == null ? 0 : series.touch();
      }
    }
    touched = read;
  }

  private void appendRow(
      SampleBatch batch, int row, long rangeMs, long minValidMs, Verdicts verdicts) {
    long ref = batch.ref(row);
    if (ref == SampleBatch.NO_REF) {
      ref = table.refOf(batch.definition(row));
    }
    MemSeries series = ref == SampleBatch.NO_REF ? null : table.series(ref);
    boolean noted = false;
    for (int i = batch.sampleStart(row); i < batch.sampleEnd(row); i++) {
      long timestampMs = batch.timestampMs(i);
      NativeHistogram histogram = batch.histogram(i);
      if (timestampMs < minValidMs) {
        verdicts.refused(row, i, Reason.OUT_OF_BOUNDS);
      } else if (series == null) {
        series = create(batch.definition(row), timestampMs, batch.valueBits(i), histogram, rangeMs);
        noted = true; // readers of older states know it by its ref
        verdicts.stored();
      } else if (timestampMs > series.newestMs()) {
        if (!noted) {
          ring.note(ref, series.total(), series.newestMs());
          noted = true;
        }
        store(series, timestampMs, batch.valueBits(i), histogram, rangeMs);
        verdicts.stored();
      } else {
        judgeOld(series, batch, row, i, verdicts);
      }
    }
  }

  private static void judgeOld(
      MemSeries series, SampleBatch batch, int row, int i, Verdicts verdicts) {
    long timestampMs = batch.timestampMs(i);
    NativeHistogram histogram = batch.histogram(i);
    MemSeries.Stored stored =
        histogram == null
            ? series.find(timestampMs, batch.valueBits(i))
            : series.find(timestampMs, histogram);
    switch (stored) {
      case SAME_VALUE -> verdicts.repeated();
      case OTHER_VALUE -> verdicts.refused(row, i, Reason.DUPLICATE);
      case NOTHING -> verdicts.refused(row, i, Reason.OUT_OF_ORDER);
    }
  }

  private void store(
      MemSeries series,
      long timestampMs,
      long valueBits,
      @Nullable NativeHistogram histogram,
      long rangeMs) {
    HeadChunk before = series.newest();
    int grown =
        histogram == null
            ? series.append(timestampMs, valueBits, rangeMs)
            : series.append(timestampMs, histogram, rangeMs);
    if (series.newest() == before) {
      totals.sample(timestampMs, grown);
    } else {
      int openBytes = series.openCapacityBytes();
      totals.closed(before.minMs, grown - openBytes);
      totals.chunk(timestampMs, 1, openBytes);
      if (!totals.isSameRange(before.minMs, timestampMs)) {
        totals.series(before.minMs, -1, bytesOf(series));
        totals.series(timestampMs, 1, bytesOf(series));
      }
    }
    stored(timestampMs);
  }

  private void stored(long timestampMs) {
    isChanged = true;
    storedCount++;
    maxMs = Math.max(maxMs, timestampMs);
  }

  private MemSeries create(
      Labels labels,
      long timestampMs,
      long valueBits,
      @Nullable NativeHistogram histogram,
      long rangeMs) {
    long ref = table.nextRef();
    SeriesPage page = table.pageFor(ref);
    MemSeries series =
        histogram == null
            ? new MemSeries(page, ref, labels, timestampMs, valueBits, rangeMs)
            : new MemSeries(page, ref, labels, timestampMs, histogram, rangeMs);
    table.add(series);
    index.add(ref, labels);
    count(series);
    stored(timestampMs);
    return series;
  }

  /** Counts a live series with all that it has in the Head. */
  private void count(MemSeries series) {
    HeadChunk newest = series.newest();
    totals.series(newest.minMs, 1, bytesOf(series));
    long end = series.total();
    for (HeadChunk chunk = newest; chunk != null; chunk = chunk.previous()) {
      int arrayBytes = chunk == newest ? series.openCapacityBytes() : chunk.bytes().length;
      totals.chunk(chunk.minMs, end - chunk.samplesBefore, arrayBytes);
      end = chunk.samplesBefore;
    }
  }

  /** Accounted memory of a series beside its chunks. */
  static int bytesOf(MemSeries series) {
    Labels labels = series.labels;
    return MemSeries.SERIES_BYTES
        + labels.canonical().length
        + labels.count() * LabelIndex.LABEL_BYTES;
  }

  /**
   * Seals everything before a time, so that it becomes the block of this name. Moves nothing: the
   * chunks stay linked where they are, and a scan of one column finds the series that have none
   * left.
   *
   * @param upToMs a multiple of the block range, after the last cut, and at least half a block
   *     range older than the newest sample, so that the cut refuses nothing that was good before it
   */
  public CutResult cut(long upToMs, Ulid ulid) {
    String refusal = refusal(upToMs, ulid);
    if (refusal != null) {
      return new CutResult.Refused(refusal);
    }
    isChanged = true;
    RangeTotals taken = totals.cut(upToMs);
    if (taken.samples == 0) {
      sealing.moveTo(upToMs);
      return new CutResult.Empty();
    }
    SealedRange range = new SealedRange(ulid, totals.rangeStartMs(taken.minMs), upToMs);
    sealing.add(new SealedPart(range, table, table.nextRef(), taken.samples, taken.bytes));
    table.forEachPage(page -> page.dropBefore(upToMs));
    return new CutResult.Sealed(range);
  }

  private @Nullable String refusal(long upToMs, Ulid ulid) {
    Settings present = settings;
    if (present == null || table.nextRef() == 1) {
      return "expected samples to cut off, found none";
    }
    if (upToMs % present.blockRangeMs() != 0) {
      return "expected a multiple of " + present.blockRangeMs() + " ms, got " + upToMs;
    }
    if (upToMs > halfRangeBehind(present)) {
      return "expected a cut at most at " + halfRangeBehind(present) + ", got one at " + upToMs;
    }
    return sealing.refusal(upToMs, ulid);
  }

  /** What lies below the Head, as of the entry that is being applied. */
  public Manifest manifest() {
    return manifest;
  }

  /** Replaces it. */
  public void manifest(Manifest changed) {
    isChanged = true;
    manifest = changed;
  }

  /** Ends the waiting of a part whose block is in the manifest. Whether it was waiting. */
  public boolean built(Ulid ulid) {
    isChanged = true;
    return sealing.built(ulid);
  }

  /**
   * Drops a part from this node's memory, with the next entry that is published; nothing happens
   * where it has none of this name. On any thread.
   */
  public void forget(Ulid ulid) {
    sealing.forget(ulid);
  }

  /** Adds a series from an image, in order of refs. False where its label set is there already. */
  boolean restore(MemSeries series) {
    if (table.refOf(series.labels) != SampleBatch.NO_REF) {
      return false;
    }
    table.put(series);
    table.register(series);
    count(series);
    maxMs = Math.max(maxMs, series.newestMs());
    return true;
  }

  /** Adds a series from an image whose samples are all in sealed parts. */
  void restoreDropped(MemSeries series) {
    table.put(series);
    series.page.drop(series.ref);
  }

  /** Sets the next ref, the newest timestamp and the sealing from an image. */
  boolean restoreBorders(
      long nextRef, long newestMs, long sealedUpToMs, List<SealedRange> waiting) {
    table.nextRef(nextRef);
    boolean possible = maxMs <= newestMs;
    maxMs = newestMs;
    sealing.restore(sealedUpToMs, waiting);
    return possible;
  }

  /** Sets the manifest from an image. */
  void restoreManifest(Manifest restored) {
    manifest = restored;
  }

  /** Ends the restoring from an image that was made after this entry. */
  void restored(long entryIndex, List<SealedPart> parts) {
    table.forEach(1, table.nextRef(), (ref, series) -> index.add(ref, series.labels));
    sealing.restore(parts);
    isChanged = false;
    published = state(entryIndex);
  }

  /**
   * Holds fast the state after the last published entry, of which nothing may have been applied
   * since. Copies pointers and counts only.
   */
  public FrozenHead freeze() {
    if (isChanged) {
      throw new IllegalStateException(
          "expected to freeze between entries, found changes after " + published.index());
    }
    return new FrozenHead(published, table);
  }

  /** Samples before this are refused: sealed, or half a block range behind the newest of all. */
  private long minValidMs() {
    Settings present = settings;
    if (present == null || table.nextRef() == 1) {
      return Long.MIN_VALUE;
    }
    return Math.max(sealing.sealedUpToMs(), halfRangeBehind(present));
  }

  private long halfRangeBehind(Settings present) {
    long half = present.blockRangeMs() / 2;
    return maxMs < Long.MIN_VALUE + half ? Long.MIN_VALUE : maxMs - half;
  }

  /**
   * Ends a log entry: makes everything since the last call visible at once. Then goes on with
   * freeing memory, by about as many series as samples came.
   *
   * @param entryIndex greater than that of the last call
   */
  public void publish(long entryIndex) {
    if (entryIndex <= published.index()) {
      throw new IllegalArgumentException(
          "expected an entry after " + published.index() + ", got " + entryIndex);
    }
    sealing.takeForgotten();
    published = state(entryIndex);
    sealing.sweep(SWEEP_SERIES_MIN + storedCount);
    isChanged = false;
    storedCount = 0;
  }

  private HeadState state(long entryIndex) {
    HeadStats stats =
        new HeadStats(
            totals.series(),
            totals.chunks(),
            totals.samples(),
            totals.bytes(),
            totals.minMs(),
            maxMs,
            minValidMs());
    return new HeadState(
        entryIndex,
        settings,
        table.nextRef(),
        ring.position(),
        stats,
        sealing.sealedUpToMs(),
        sealing.floorMs(),
        manifest,
        sealing.waiting(),
        sealing.parts());
  }

  /** The state after the last published entry. On any thread. */
  HeadState published() {
    return published;
  }

  /** Ref of a label set, or {@link SampleBatch#NO_REF}. On any thread. */
  public long refOf(Labels labels) {
    return table.refOf(labels);
  }

  /** Labels of a ref that is visible and not dropped. On any thread. */
  public @Nullable Labels labelsOf(long ref) {
    if (ref < 1 || ref >= published.nextRef() || !table.isLive(ref)) {
      return null;
    }
    MemSeries series = table.series(ref);
    return series == null ? null : series.labels;
  }

  SeriesTable table() {
    return table;
  }

  LabelIndex index() {
    return index;
  }

  UndoRing ring() {
    return ring;
  }
}

package io.rafttsdb.storage.head;

import io.rafttsdb.storage.head.MemSeries.Stored;
import io.rafttsdb.storage.index.IndexQuery;
import io.rafttsdb.storage.index.LabelIndex;
import io.rafttsdb.storage.index.Refs;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.AppendResult.Reason;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
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
  private final OutOfOrderSeries outOfOrder;
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
    outOfOrder = new OutOfOrderSeries(ring, totals);
    published = state(NOTHING_PUBLISHED);
  }

  /**
   * Sets the settings: the first ones, or later ones with the same block range.
   *
   * @return whether the settings were accepted
   */
  public boolean configure(Settings wanted) {
    Settings present = settings;
    if (present != null && present.blockRangeMs() != wanted.blockRangeMs()) {
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
    Bounds bounds = bounds(present);
    for (int row = 0; row < batch.rowCount(); row++) {
      if (row % TOUCH_ROWS == 0) {
        touch(batch, row, Math.min(row + TOUCH_ROWS, batch.rowCount()));
      }
      appendRow(batch, row, present.blockRangeMs(), bounds, verdicts);
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
      SampleBatch batch, int row, long rangeMs, Bounds bounds, Verdicts verdicts) {
    long ref = batch.ref(row);
    if (ref == SampleBatch.NO_REF) {
      ref = table.refOf(batch.definition(row));
    }
    MemSeries series = ref == SampleBatch.NO_REF ? null : table.series(ref);
    boolean noted = false;
    for (int i = batch.sampleStart(row); i < batch.sampleEnd(row); i++) {
      long timestampMs = batch.timestampMs(i);
      NativeHistogram histogram = batch.histogram(i);
      boolean isInOrder =
          timestampMs >= bounds.minValidMs() && (series == null || timestampMs > series.newestMs());
      if (!isInOrder && !isNew(series, batch, row, i, bounds, verdicts)) {
        continue;
      }
      if (series == null) {
        series = create(batch.definition(row)); // readers of older states know it by its ref
      } else if (!noted) {
        ring.note(ref, series.total(), series.newestMs(), series.outOfOrder());
      }
      noted = true;
      if (isInOrder) {
        store(series, timestampMs, batch.valueBits(i), histogram, rangeMs);
      } else {
        outOfOrder.insert(series, timestampMs, batch.valueBits(i), histogram, rangeMs);
      }
      stored(timestampMs);
      verdicts.stored();
    }
  }

  /** Judges a sample that is not in order, unless it is to be stored: then true. */
  private boolean isNew(
      @Nullable MemSeries series,
      SampleBatch batch,
      int row,
      int i,
      Bounds bounds,
      Verdicts verdicts) {
    long timestampMs = batch.timestampMs(i);
    Reason refusal = bounds.refusalOf(timestampMs);
    if (refusal == null) {
      Stored found = series == null ? Stored.NOTHING : find(series, batch, i);
      if (found == Stored.SAME_VALUE) {
        verdicts.repeated();
        return false;
      }
      refusal =
          found == Stored.OTHER_VALUE ? Reason.DUPLICATE : bounds.refusalOutOfOrder(timestampMs);
    }
    if (refusal != null) {
      verdicts.refused(row, i, refusal);
    }
    return refusal == null;
  }

  private Stored find(MemSeries series, SampleBatch batch, int i) {
    NativeHistogram histogram = batch.histogram(i);
    long timestampMs = batch.timestampMs(i);
    long sealedUpToMs = sealing.sealedUpToMs();
    return histogram == null
        ? series.find(timestampMs, batch.valueBits(i), sealedUpToMs)
        : series.find(timestampMs, histogram, sealedUpToMs);
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
            : series.append(timestampMs, histogram, sealing.sealedUpToMs(), rangeMs);
    if (series.newest() == before) {
      totals.sample(timestampMs, grown);
    } else {
      countChunk(series, before, timestampMs, grown);
    }
  }

  /** Counts a chunk that a sample began, and a series that has its newest chunk elsewhere now. */
  private void countChunk(
      MemSeries series, @Nullable HeadChunk before, long timestampMs, int grown) {
    int openBytes = series.openCapacityBytes();
    totals.chunk(timestampMs, 1, openBytes);
    boolean isPinned = series.page.isPinned(series.ref);
    if (before != null && before.minMs >= sealing.sealedUpToMs()) {
      totals.closed(before.minMs, grown - openBytes);
      if (isPinned || totals.isSameRange(before.minMs, timestampMs)) {
        return;
      }
      totals.series(before.minMs, -1, bytesOf(series));
    }
    if (!isPinned) {
      totals.series(timestampMs, 1, bytesOf(series));
    }
  }

  private void stored(long timestampMs) {
    isChanged = true;
    storedCount++;
    maxMs = Math.max(maxMs, timestampMs);
  }

  private MemSeries create(Labels labels) {
    long ref = table.nextRef();
    MemSeries series = new MemSeries(table.pageFor(ref), ref, labels);
    table.add(series);
    index.add(ref, labels);
    return series;
  }

  /** Counts the chunks that a series has in the Head, in order. */
  private void countChunks(MemSeries series) {
    HeadChunk newest = series.newest();
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
   * Seals everything in order before a time, so that it becomes the block of this name. Moves
   * nothing: the chunks stay linked where they are, and a scan of one column finds the series that
   * have none left.
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
      return new CutResult.Sealed(List.of());
    }
    SealedRange range =
        new SealedRange(ulid, SealedRange.Kind.IN_ORDER, totals.rangeStartMs(taken.minMs), upToMs);
    sealing.add(
        new InOrderPart(
            range, table, table.nextRef(), taken.samples, taken.bytes, sealing.deletes()));
    table.forEachPage(page -> page.dropBefore(upToMs));
    return new CutResult.Sealed(List.of(range));
  }

  /**
   * Seals what came out of order for some block ranges, each so that it becomes the block of its
   * name. Takes a fraction of a microsecond for each series that has such samples.
   *
   * @param wanted ranges that were cut off before, ascending, each with such samples; whose parts
   *     in order have their blocks
   */
  public CutResult cutOutOfOrder(List<SealedRange> wanted) {
    Settings present = settings;
    if (present == null) {
      return new CutResult.Refused("expected samples to cut off, found none");
    }
    long lastMs = Long.MIN_VALUE;
    for (SealedRange range : wanted) {
      String refusal = sealing.refusal(range, present.blockRangeMs());
      if (refusal == null
          && (range.fromMs() < lastMs || !totals.outOfOrderRanges().contains(range.fromMs()))) {
        refusal = "expected ranges of " + totals.outOfOrderRanges() + ", ascending, got " + wanted;
      }
      if (refusal != null) {
        return new CutResult.Refused(refusal);
      }
      lastMs = range.upToMs();
    }
    isChanged = true;
    for (SealedRange range : wanted) {
      sealing.add(outOfOrder.seal(range, sealing.sealedUpToMs()));
    }
    return new CutResult.Sealed(wanted);
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

  /**
   * Deletes the samples in [minMs, maxMs] that are there, of the series that fulfil all matchers:
   * hides them in queries, at once in the Head and in the sealed parts in memory. They stay stored,
   * so that a repeat of one changes nothing.
   */
  public void delete(List<Matcher> matchers, long minMs, long maxMs) {
    if (minMs > maxMs) {
      throw new IllegalArgumentException("empty time range [" + minMs + ", " + maxMs + "]");
    }
    isChanged = true;
    Refs unwanted = new IndexQuery(index, this::labelsOfAny, table.nextRef()).select(matchers);
    HeadDeletes.Builder inOrder = new HeadDeletes.Builder();
    for (int i = 0; i < unwanted.count(); i++) {
      long ref = unwanted.get(i);
      SeriesPage page = table.page(ref);
      long newestMs = page == null ? Long.MIN_VALUE : page.newestMs(ref);
      if (minMs <= newestMs) {
        inOrder.add(ref, minMs, Math.min(maxMs, newestMs));
      }
    }
    sealing.delete(inOrder.build(), unwanted, minMs, maxMs);
    outOfOrder.delete(unwanted, minMs, maxMs);
  }

  /** Labels of a ref from the index. */
  Labels labelsOfAny(long ref) {
    MemSeries series = table.series(ref);
    return series == null ? Labels.EMPTY : series.labels;
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

  /**
   * Adds a live series from an image, in order of refs. False where its label set is there already.
   */
  boolean restore(MemSeries series, OutOfOrder others) {
    if (table.refOf(series.labels) != SampleBatch.NO_REF) {
      return false;
    }
    table.put(series);
    table.register(series);
    countChunks(series);
    HeadChunk newest = series.newest();
    if (!others.isEmpty()) {
      totals.pinned(1, bytesOf(series));
      outOfOrder.restore(series, others);
    } else if (newest != null) {
      totals.series(newest.minMs, 1, bytesOf(series));
    }
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
  void restored(
      long entryIndex, List<InOrderPart> parts, List<OutOfOrderPart> others, HeadDeletes deletes) {
    table.forEach(1, table.nextRef(), (ref, series) -> index.add(ref, series.labels));
    sealing.restore(parts, others, deletes);
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

  private Bounds bounds(Settings present) {
    return Bounds.of(minValidMs(), present.outOfOrderWindowMs(), maxMs);
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
        sealing.letGo(),
        manifest,
        sealing.waiting(),
        sealing.parts(),
        sealing.outOfOrderParts(),
        totals.outOfOrderRanges(),
        sealing.deletes());
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

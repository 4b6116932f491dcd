package io.rafttsdb.storage.head;

import io.rafttsdb.storage.index.LabelIndex;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.AppendResult.Reason;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import java.util.Objects;
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

  /** Rows whose series are brought into the processor's cache together. */
  private static final int TOUCH_ROWS = 32;

  private final SeriesTable table = new SeriesTable();
  private final LabelIndex index = new LabelIndex();
  private final UndoRing ring;

  private @Nullable Settings settings;
  private long minMs = Long.MAX_VALUE;
  private long maxMs = Long.MIN_VALUE;
  private long chunkCount;
  private long sampleCount;
  private long bytes;

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
      if (batch.ref(row) >= table.nextRef()) {
        return new AppendResult.UnknownRef(batch.ref(row));
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
        read += table.series(ref).touch();
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
      long valueBits = batch.valueBits(i);
      if (timestampMs < minValidMs) {
        verdicts.refused(row, i, Reason.OUT_OF_BOUNDS);
      } else if (series == null) {
        series = create(batch.definition(row), timestampMs, valueBits, rangeMs);
        noted = true; // readers of older states know it by its ref
        verdicts.stored();
      } else if (timestampMs > series.newestMs()) {
        if (!noted) {
          ring.note(ref, series.total(), series.newestMs());
          noted = true;
        }
        store(series, timestampMs, valueBits, rangeMs);
        verdicts.stored();
      } else {
        judgeOld(series, row, i, timestampMs, valueBits, verdicts);
      }
    }
  }

  private static void judgeOld(
      MemSeries series, int row, int i, long timestampMs, long valueBits, Verdicts verdicts) {
    switch (series.find(timestampMs, valueBits)) {
      case SAME_VALUE -> verdicts.repeated();
      case OTHER_VALUE -> verdicts.refused(row, i, Reason.DUPLICATE);
      case NOTHING -> verdicts.refused(row, i, Reason.OUT_OF_ORDER);
    }
  }

  private void store(MemSeries series, long timestampMs, long valueBits, long rangeMs) {
    HeadChunk before = series.newest();
    bytes += series.append(timestampMs, valueBits, rangeMs);
    if (series.newest() != before) {
      chunkCount++;
      bytes += HeadChunk.CHUNK_BYTES;
    }
    sampleCount++;
    minMs = Math.min(minMs, timestampMs);
    maxMs = Math.max(maxMs, timestampMs);
  }

  private MemSeries create(Labels labels, long timestampMs, long valueBits, long rangeMs) {
    MemSeries series = new MemSeries(labels, timestampMs, valueBits, rangeMs);
    add(series);
    return series;
  }

  /** Adds a series with all that it has already. */
  private void add(MemSeries series) {
    Labels labels = series.labels;
    index.add(table.add(series), labels);
    bytes += MemSeries.SERIES_BYTES + series.openCapacityBytes() + labels.canonical().length;
    bytes += (long) labels.count() * LabelIndex.LABEL_BYTES;
    sampleCount += series.total();
    maxMs = Math.max(maxMs, series.newestMs());
    HeadChunk newest = series.newest();
    for (HeadChunk chunk = newest; chunk != null; chunk = chunk.previous) {
      chunkCount++;
      bytes += HeadChunk.CHUNK_BYTES + (chunk == newest ? 0 : chunk.bytes().length);
      minMs = Math.min(minMs, chunk.minMs);
    }
  }

  /** Adds a series from an image. False where its label set is there already. */
  boolean restore(MemSeries series) {
    if (table.refOf(series.labels) != SampleBatch.NO_REF) {
      return false;
    }
    add(series);
    return true;
  }

  /** Sets the newest timestamp from an image. False where a series has a newer one. */
  boolean restoreMaxMs(long newestMs) {
    boolean possible = maxMs <= newestMs;
    maxMs = newestMs;
    return possible;
  }

  /** Ends the restoring from an image that was made after this entry. */
  void restored(long entryIndex) {
    published = state(entryIndex);
  }

  /**
   * Holds fast the state after the last published entry, of which nothing may have been applied
   * since. Copies pointers and counts only.
   */
  public FrozenHead freeze() {
    if (published.stats().sampleCount() != sampleCount
        || !Objects.equals(published.settings(), settings)) {
      throw new IllegalStateException(
          "expected to freeze between entries, found changes after " + published.index());
    }
    return new FrozenHead(published, table);
  }

  /** Samples before this are refused: half a block range behind the newest of all. */
  private long minValidMs() {
    Settings present = settings;
    if (present == null || sampleCount == 0) {
      return Long.MIN_VALUE;
    }
    long half = present.blockRangeMs() / 2;
    return maxMs < Long.MIN_VALUE + half ? Long.MIN_VALUE : maxMs - half;
  }

  /**
   * Ends a log entry: makes everything since the last call visible at once.
   *
   * @param entryIndex greater than that of the last call
   */
  public void publish(long entryIndex) {
    if (entryIndex <= published.index()) {
      throw new IllegalArgumentException(
          "expected an entry after " + published.index() + ", got " + entryIndex);
    }
    published = state(entryIndex);
  }

  private HeadState state(long entryIndex) {
    HeadStats stats =
        new HeadStats(
            table.nextRef() - 1, chunkCount, sampleCount, bytes, minMs, maxMs, minValidMs());
    return new HeadState(entryIndex, settings, table.nextRef(), ring.position(), stats);
  }

  /** The state after the last published entry. On any thread. */
  HeadState published() {
    return published;
  }

  /** Ref of a label set, or {@link SampleBatch#NO_REF}. On any thread. */
  public long refOf(Labels labels) {
    return table.refOf(labels);
  }

  /** Labels of a ref that is visible. On any thread. */
  public @Nullable Labels labelsOf(long ref) {
    return ref < 1 || ref >= published.nextRef() ? null : table.series(ref).labels;
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

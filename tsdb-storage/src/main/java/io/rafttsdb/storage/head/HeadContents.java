package io.rafttsdb.storage.head;

import io.rafttsdb.storage.index.LabelIndex;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.Settings;
import org.jspecify.annotations.Nullable;

/**
 * What a Head consists of, as it is in the midst of an entry.
 *
 * <p>Owned by the apply thread; readers may use {@link #table}, {@link #index}, {@link #ring} and
 * {@link #chunks}, as far as these say.
 */
final class HeadContents {

  final SeriesTable table = new SeriesTable();
  final LabelIndex index = new LabelIndex();
  final UndoRing ring;
  final ChunkStore chunks;
  final HeadTotals totals = new HeadTotals();
  final Sealing sealing = new Sealing(table, index);
  final OutOfOrderSeries outOfOrder;

  private @Nullable Settings settings;
  private long maxMs = Long.MIN_VALUE;

  /** What lies below; the Head only publishes it together with what is in memory. */
  private Manifest manifest = Manifest.EMPTY;

  /** Whether anything was changed since the last {@link #state}. */
  private boolean isChanged;

  /**
   * @param ringNotes changes of series that the undo ring keeps for readers, a power of two
   * @param chunks where full chunks go
   */
  HeadContents(int ringNotes, ChunkStore chunks) {
    this.ring = new UndoRing(ringNotes);
    this.outOfOrder = new OutOfOrderSeries(table, ring, totals);
    this.chunks = chunks;
  }

  @Nullable Settings settings() {
    return settings;
  }

  /** Sets the settings, unless their block range is another than that of the present ones. */
  boolean configure(Settings wanted) {
    Settings present = settings;
    if (present != null && present.blockRangeMs() != wanted.blockRangeMs()) {
      return false;
    }
    settings = wanted;
    totals.rangeMs(wanted.blockRangeMs());
    changed();
    return true;
  }

  Manifest manifest() {
    return manifest;
  }

  void manifest(Manifest changed) {
    changed();
    manifest = changed;
  }

  /** Says that the present state differs from the published one. */
  void changed() {
    isChanged = true;
  }

  boolean isChanged() {
    return isChanged;
  }

  /** A sample was stored. */
  void stored(long timestampMs) {
    changed();
    maxMs = Math.max(maxMs, timestampMs);
  }

  /** Newest timestamp of all series that ever were. */
  long maxMs() {
    return maxMs;
  }

  /** Sets it, from an image. */
  void maxMs(long newestMs) {
    maxMs = newestMs;
  }

  /** Samples before this are refused: sealed, or half a block range behind the newest of all. */
  private long minValidMs() {
    Settings present = settings;
    if (present == null || table.nextRef() == 1) {
      return Long.MIN_VALUE;
    }
    return Math.max(sealing.sealedUpToMs(), halfRangeBehind(present));
  }

  Bounds bounds(Settings present) {
    return Bounds.of(minValidMs(), present.outOfOrderWindowMs(), maxMs);
  }

  /** Half a block range before the newest timestamp. */
  long halfRangeBehind(Settings present) {
    long half = present.blockRangeMs() / 2;
    return maxMs < Long.MIN_VALUE + half ? Long.MIN_VALUE : maxMs - half;
  }

  /** The present state, which is no longer a changed one. */
  HeadState state(long entryIndex) {
    isChanged = false;
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
}

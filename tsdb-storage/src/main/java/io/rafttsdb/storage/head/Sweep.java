package io.rafttsdb.storage.head;

import io.rafttsdb.storage.index.IndexRemoval;
import io.rafttsdb.storage.index.LabelIndex;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Frees what nothing needs any more below a time: links to chunks, dropped series, their pages and
 * their places in the label index. It goes on in small steps between entries, so that apply never
 * stands still for it, and changes no answer: whoever still reads that deep is told by {@link
 * HeadState#letGo} or finds the chunks in {@link Severed}.
 *
 * <p>Owned by the apply thread.
 */
final class Sweep {

  private final SeriesTable table;
  private final LabelIndex index;
  private final Severed severed;

  private final LongPredicate isHeld;

  /** Later series have no chunks so old. */
  private final long endRef;

  private long nextRef = 1;
  private int removed;
  private @Nullable IndexRemoval removal;

  /**
   * @param isHeld whether something in memory needs a dropped series of this ref
   */
  Sweep(SeriesTable table, LabelIndex index, Severed severed, LongPredicate isHeld) {
    this.isHeld = isHeld;
    this.table = table;
    this.index = index;
    this.severed = severed;
    this.endRef = table.nextRef();
  }

  /**
   * Goes on.
   *
   * @param limit how many series, or refs in the index, to look at about
   * @return whether it is done
   */
  boolean step(long limit) {
    if (nextRef < endRef) {
      long startRef = table.presentFrom(nextRef, endRef);
      nextRef = Math.min(endRef, startRef + limit);
      table.forEach(startRef, nextRef, this::sweep);
      table.freeEmptyPages(startRef, nextRef);
      return false;
    }
    if (removed == 0) {
      return true;
    }
    if (removal == null) {
      removal = index.removal();
    }
    return removal.step(limit, ref -> table.series(ref) != null);
  }

  private void sweep(long ref, MemSeries series) {
    if (series.newestMs() < severed.floorMs && !series.page.isLive(ref) && !isHeld.test(ref)) {
      table.remove(series);
      removed++;
      return;
    }
    HeadChunk chunk = series.newest();
    HeadChunk previous = chunk == null ? null : chunk.previous();
    while (previous != null && previous.minMs >= severed.floorMs) {
      chunk = previous;
      previous = chunk.previous();
    }
    if (chunk != null && previous != null) {
      severed.keep(ref, previous);
      chunk.previous(null);
    }
  }
}

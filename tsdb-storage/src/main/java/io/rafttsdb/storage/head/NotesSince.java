package io.rafttsdb.storage.head;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The first note of each series since a published state, collected from the {@link UndoRing} in
 * portions, so that the ring need only be as long as one portion takes. For one reader thread.
 */
final class NotesSince {

  private static final int SLOTS_FIRST = 64;

  private final UndoRing ring;
  private long position;

  /** Open addressing; a ref of 0 is a free slot. */
  private long[] refs = new long[SLOTS_FIRST];

  private long[] totals = new long[SLOTS_FIRST];
  private long[] newestMs = new long[SLOTS_FIRST];
  private @Nullable OutOfOrder[] outOfOrder = new OutOfOrder[SLOTS_FIRST];
  private int count;

  NotesSince(UndoRing ring, long position) {
    this.ring = ring;
    this.position = position;
  }

  /**
   * Takes over the notes made since the last call.
   *
   * @return whether all of them were still there; if not, nothing here may be used
   */
  boolean collect() {
    long end = ring.position();
    long start = position;
    if (!ring.holds(start)) {
      return false;
    }
    for (long note = start; note < end; note++) {
      put(ring.ref(note), ring.total(note), ring.newestMs(note), ring.outOfOrder(note));
    }
    position = end;
    return ring.holds(start);
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Place of a series' note, or -1 where it has none. */
  int find(long ref) {
    for (int slot = first(ref); ; slot = slot + 1 & refs.length - 1) {
      if (refs[slot] == ref) {
        return slot;
      }
      if (refs[slot] == 0) {
        return -1;
      }
    }
  }

  long total(int place) {
    return totals[place];
  }

  long newestMs(int place) {
    return newestMs[place];
  }

  @Nullable OutOfOrder outOfOrder(int place) {
    return outOfOrder[place];
  }

  private void put(long ref, long total, long newest, @Nullable OutOfOrder samples) {
    int slot = first(ref);
    while (refs[slot] != 0) {
      if (refs[slot] == ref) {
        return;
      }
      slot = slot + 1 & refs.length - 1;
    }
    refs[slot] = ref;
    totals[slot] = total;
    newestMs[slot] = newest;
    outOfOrder[slot] = samples;
    count++;
    if (count > refs.length / 2) {
      grow();
    }
  }

  private void grow() {
    long[] oldRefs = refs;
    long[] oldTotals = totals;
    long[] oldNewestMs = newestMs;
    @Nullable OutOfOrder[] oldOutOfOrder = outOfOrder;
    int size = oldRefs.length * 2;
    refs = new long[size];
    totals = Arrays.copyOf(refs, size);
    newestMs = Arrays.copyOf(refs, size);
    outOfOrder = new OutOfOrder[size];
    count = 0;
    for (int slot = 0; slot < oldRefs.length; slot++) {
      if (oldRefs[slot] != 0) {
        put(oldRefs[slot], oldTotals[slot], oldNewestMs[slot], oldOutOfOrder[slot]);
      }
    }
  }

  private int first(long ref) {
    long mixed = ref * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32) & refs.length - 1;
  }
}

package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All series by ref and by labels. Refs are handed out in order, from 1, and never again.
 *
 * <p>Owned by the apply thread. By ref, readers may ask for refs below the nextRef of a published
 * state. By labels they may ask at any time: a slot is published with release after the series that
 * it names, and what it names is compared in full; a series that is just being added may not be
 * found yet.
 */
final class SeriesTable {

  private static final int PAGE_BITS = 12;
  private static final int PAGE_SERIES = 1 << PAGE_BITS;
  private static final int SLOTS_FIRST = 1024;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);

  /** Directory of pages of {@link #PAGE_SERIES} series; replaced when it grows. */
  private volatile @Nullable MemSeries[][] pages = new MemSeries[1][PAGE_SERIES];

  private volatile Slots slots = new Slots(SLOTS_FIRST);
  private long nextRef = 1;

  /** Open addressing with linear steps; at most half full. A ref of 0 is a free slot. */
  private static final class Slots {
    final long[] refs;
    final int[] hashes;

    Slots(int size) {
      refs = new long[size];
      hashes = new int[size];
    }

    int first(int hash) {
      int mixed = hash * 0x9e3779b9;
      return (mixed ^ mixed >>> 15) & (refs.length - 1);
    }

    int after(int slot) {
      return (slot + 1) & (refs.length - 1);
    }

    void put(int hash, long ref) {
      int slot = first(hash);
      while (refs[slot] != SampleBatch.NO_REF) {
        slot = after(slot);
      }
      hashes[slot] = hash;
      SLOT.setRelease(refs, slot, ref);
    }
  }

  /** The next series gets this ref. For the apply thread; readers have it from the state. */
  long nextRef() {
    return nextRef;
  }

  /** A series by its ref, which must be one handed out. */
  MemSeries series(long ref) {
    MemSeries series = pages[(int) (ref >>> PAGE_BITS)][(int) ref & (PAGE_SERIES - 1)];
    if (series == null) {
      throw new IllegalStateException("no series has ref " + ref);
    }
    return series;
  }

  /** Ref of a label set, or {@link SampleBatch#NO_REF}. */
  long refOf(Labels labels) {
    Slots table = slots;
    int hash = labels.hashCode();
    for (int slot = table.first(hash); ; slot = table.after(slot)) {
      long ref = (long) SLOT.getAcquire(table.refs, slot);
      if (ref == SampleBatch.NO_REF
          || (table.hashes[slot] == hash && series(ref).labels.equals(labels))) {
        return ref;
      }
    }
  }

  /** Adds a series that the table lacks and returns its ref. For the apply thread. */
  long add(MemSeries series) {
    long ref = nextRef++;
    int page = (int) (ref >>> PAGE_BITS);
    @Nullable MemSeries[][] directory = pages;
    if (page == directory.length) {
      directory = Arrays.copyOf(directory, page * 2);
    }
    if (directory[page] == null) {
      directory[page] = new MemSeries[PAGE_SERIES];
    }
    directory[page][(int) ref & (PAGE_SERIES - 1)] = series;
    pages = directory;
    Slots table = slots;
    if (nextRef > table.refs.length / 2) {
      table = rehash(table);
    }
    table.put(series.labels.hashCode(), ref);
    slots = table;
    return ref;
  }

  private static Slots rehash(Slots old) {
    Slots larger = new Slots(old.refs.length * 2);
    for (int slot = 0; slot < old.refs.length; slot++) {
      if (old.refs[slot] != SampleBatch.NO_REF) {
        larger.put(old.hashes[slot], old.refs[slot]);
      }
    }
    return larger;
  }
}

package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All series by ref and by labels. Refs are handed out in order, from 1, and never again; a page of
 * refs whose series are all gone is freed. A series is <em>live</em> until a cut leaves it without
 * samples; a dropped one stays here, found by ref only, as long as a sealed part needs it.
 *
 * <p>Owned by the apply thread. By ref, readers may ask for refs below the nextRef of a published
 * state. By labels they may ask at any time: a slot is published with release after the series that
 * it names, and what it names is compared in full; a series that is just being added may not be
 * found yet, one that is just being dropped still be found.
 */
final class SeriesTable {

  /** Greatest ref that an image may have: 17 trillion, and no array to hold them fails. */
  static final long REF_MAX = 1L << 44;

  private static final int DIRECTORY_BITS = 12;
  private static final int DIRECTORY_PAGES = 1 << DIRECTORY_BITS;
  private static final int SLOTS_FIRST = 1024;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);

  /** Directories of pages, null where no page is; replaced when it grows. */
  private volatile @Nullable SeriesPage[] @Nullable [] directories = new SeriesPage[1][];

  private volatile Slots slots = new Slots(SLOTS_FIRST);
  private long nextRef = 1;
  private int seriesCount;

  /** What is done with each series. */
  @FunctionalInterface
  interface SeriesAction {
    void accept(long ref, MemSeries series);
  }

  /** What is done with each page. */
  @FunctionalInterface
  interface PageAction {
    void accept(SeriesPage page);
  }

  /** Open addressing with linear steps; at most half full. A ref of 0 is a free slot. */
  private static final class Slots {
    final long[] refs;
    final int[] hashes;
    int used;

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
      used++;
      hashes[slot] = hash;
      SLOT.setRelease(refs, slot, ref);
    }
  }

  /** The next series gets this ref. For the apply thread; readers have it from the state. */
  long nextRef() {
    return nextRef;
  }

  /** Series that are here, the dropped ones included. For the apply thread. */
  int seriesCount() {
    return seriesCount;
  }

  /** The series of a ref, or null where there is none (any more). */
  @Nullable MemSeries series(long ref) {
    SeriesPage page = page(ref);
    return page == null ? null : page.series(ref);
  }

  /** Whether a ref may be named by an entry. Exact on the apply thread, else perhaps outdated. */
  boolean isLive(long ref) {
    SeriesPage page = page(ref);
    return page != null && page.isLive(ref);
  }

  /** The page of a ref, or null where no ref of it has a series. */
  @Nullable SeriesPage page(long ref) {
    long page = ref >>> SeriesPage.BITS;
    @Nullable SeriesPage[] @Nullable [] all = directories;
    if (page >>> DIRECTORY_BITS >= all.length) {
      return null;
    }
    @Nullable SeriesPage @Nullable [] directory = all[(int) (page >>> DIRECTORY_BITS)];
    return directory == null ? null : directory[(int) page & (DIRECTORY_PAGES - 1)];
  }

  /** Does something with all series from a ref on and before another, in order of their refs. */
  void forEach(long startRef, long endRef, SeriesAction action) {
    for (long ref = startRef; ref < endRef; ) {
      SeriesPage page = page(ref);
      long pageEnd = Math.min(endRef, (ref | (SeriesPage.SERIES - 1)) + 1);
      for (; page != null && ref < pageEnd; ref++) {
        MemSeries series = page.series(ref);
        if (series != null) {
          action.accept(ref, series);
        }
      }
      ref = page == null ? pageAfter(ref) : pageEnd;
    }
  }

  void forEachPage(PageAction action) {
    for (long ref = 1; ref < nextRef; ref = pageAfter(ref)) {
      SeriesPage page = page(ref);
      if (page != null) {
        action.accept(page);
      }
    }
  }

  /** A ref or, where its page is not there, the first ref of the next page that is, or the end. */
  long presentFrom(long startRef, long endRef) {
    long ref = startRef;
    while (ref < endRef && page(ref) == null) {
      ref = pageAfter(ref);
    }
    return Math.min(ref, endRef);
  }

  /** First ref of the page after that of a ref; whole directories without pages are passed over. */
  private long pageAfter(long ref) {
    long page = (ref >>> SeriesPage.BITS) + 1;
    @Nullable SeriesPage[] @Nullable [] all = directories;
    int directory = (int) (page >>> DIRECTORY_BITS);
    if (directory < all.length && all[directory] == null) {
      page = (long) (directory + 1) << DIRECTORY_BITS;
    }
    return page << SeriesPage.BITS;
  }

  /** Ref of a live series by its labels, or {@link SampleBatch#NO_REF}. */
  long refOf(Labels labels) {
    Slots table = slots;
    int slot = slotOf(table, labels);
    long ref = (long) SLOT.getAcquire(table.refs, slot);
    return ref == SampleBatch.NO_REF || !isLive(ref) ? SampleBatch.NO_REF : ref;
  }

  /** The slot of a label set, whether its series is live or dropped, or the free slot for it. */
  private int slotOf(Slots table, Labels labels) {
    int hash = labels.hashCode();
    for (int slot = table.first(hash); ; slot = table.after(slot)) {
      long ref = (long) SLOT.getAcquire(table.refs, slot);
      if (ref == SampleBatch.NO_REF) {
        return slot;
      }
      if (table.hashes[slot] == hash) {
        MemSeries found = series(ref);
        if (found != null && found.hasLabels(labels)) {
          return slot;
        }
      }
    }
  }

  /** The page for a series to come, with room made for it. For the apply thread. */
  SeriesPage pageFor(long ref) {
    int top = (int) (ref >>> SeriesPage.BITS >>> DIRECTORY_BITS);
    @Nullable SeriesPage[] @Nullable [] all = directories;
    if (top >= all.length) {
      all = Arrays.copyOf(all, Math.max(top + 1, all.length * 2));
    }
    @Nullable SeriesPage @Nullable [] directory = all[top];
    if (directory == null) {
      directory = new SeriesPage[DIRECTORY_PAGES];
      all[top] = directory;
    }
    int place = (int) (ref >>> SeriesPage.BITS) & (DIRECTORY_PAGES - 1);
    SeriesPage page = directory[place];
    if (page == null) {
      page = new SeriesPage();
      directory[place] = page;
    }
    directories = all;
    return page;
  }

  /** Adds a series whose labels no live one has, at the next ref. For the apply thread. */
  void add(MemSeries series) {
    nextRef++;
    put(series);
    register(series);
  }

  /** Lets refs begin here. For the restoring of an image. */
  void nextRef(long ref) {
    nextRef = ref;
  }

  /** Puts a series at its ref, without its labels. For the apply thread. */
  void put(MemSeries series) {
    series.page.put(series.ref, series);
    seriesCount++;
  }

  /** Makes a series found by its labels. For the apply thread. */
  void register(MemSeries series) {
    Slots table = slots;
    Labels labels = series.labels();
    int slot = slotOf(table, labels);
    if (table.refs[slot] != SampleBatch.NO_REF) {
      SLOT.setRelease(table.refs, slot, series.ref); // a dropped one came again
      return;
    }
    if (table.used >= table.refs.length / 2) {
      table = rehash(table);
    }
    table.put(labels.hashCode(), series.ref);
    slots = table;
  }

  /** A table for the live series, twice as large if they need it. */
  private Slots rehash(Slots old) {
    int live = 0;
    for (long ref : old.refs) {
      live += ref != SampleBatch.NO_REF && isLive(ref) ? 1 : 0;
    }
    Slots next = new Slots(live > old.refs.length / 4 ? old.refs.length * 2 : old.refs.length);
    for (int slot = 0; slot < old.refs.length; slot++) {
      if (old.refs[slot] != SampleBatch.NO_REF && isLive(old.refs[slot])) {
        next.put(old.hashes[slot], old.refs[slot]);
      }
    }
    return next;
  }

  /** Forgets a dropped series, and its page with the last one. For the apply thread. */
  void remove(MemSeries series) {
    series.page.remove(series.ref);
    seriesCount--;
  }

  /**
   * Frees the empty pages of the refs from one on and before another, which were handed out. For
   * the apply thread.
   */
  void freeEmptyPages(long startRef, long endRef) {
    long newestPage = nextRef >>> SeriesPage.BITS;
    for (long ref = startRef; ref < endRef; ref = pageAfter(ref)) {
      SeriesPage found = page(ref);
      long page = ref >>> SeriesPage.BITS;
      if (found != null && found.isEmpty() && page < newestPage) {
        free(page, newestPage);
      }
    }
  }

  private void free(long page, long newestPage) {
    int top = (int) (page >>> DIRECTORY_BITS);
    @Nullable SeriesPage @Nullable [] directory = directories[top];
    if (directory != null) {
      directory[(int) page & (DIRECTORY_PAGES - 1)] = null;
      if (top < (int) (newestPage >>> DIRECTORY_BITS) && isEmpty(directory)) {
        directories[top] = null;
      }
    }
  }

  private static boolean isEmpty(@Nullable SeriesPage[] directory) {
    for (SeriesPage page : directory) {
      if (page != null) {
        return false;
      }
    }
    return true;
  }
}

package io.rafttsdb.storage.head;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The series of 4,096 refs that follow each other, and in columns what the apply thread scans of
 * all series: a cut reads 8 bytes a series, in order, instead of an object.
 *
 * <p>Owned by the apply thread. Readers may ask for series and newest timestamps; what these mean
 * beside a published state, {@link UndoRing} says.
 */
final class SeriesPage {

  static final int BITS = 12;
  static final int SERIES = 1 << BITS;

  private static final int MASK = SERIES - 1;

  private static final VarHandle NEWEST_MS = MethodHandles.arrayElementVarHandle(long[].class);

  private final @Nullable MemSeries[] series = new MemSeries[SERIES];
  private final long[] newestMs = new long[SERIES];

  /** A bit a series: it has no samples after the last cut. */
  private final long[] dropped = new long[SERIES / Long.SIZE];

  /** A bit a series: it has samples out of order, and no cut drops it. */
  private final long[] pinned = new long[SERIES / Long.SIZE];

  private int count;

  /** The series of a ref of this page, or null where there is none (any more). */
  @Nullable MemSeries series(long ref) {
    return series[(int) ref & MASK];
  }

  /** Timestamp of the newest sample of a series. */
  long newestMs(long ref) {
    return (long) NEWEST_MS.getAcquire(newestMs, (int) ref & MASK);
  }

  /** Publishes the newest timestamp of a series. For the apply thread. */
  void newestMs(long ref, long timestampMs) {
    NEWEST_MS.setRelease(newestMs, (int) ref & MASK, timestampMs);
  }

  /** Whether a ref may be named by an entry. Exact on the apply thread, else perhaps outdated. */
  boolean isLive(long ref) {
    int slot = (int) ref & MASK;
    return series[slot] != null && (dropped[slot >>> 6] & 1L << slot) == 0;
  }

  /**
   * Copies the series of this page, in order of refs, and returns how many they are. For the apply
   * thread.
   */
  int copyTo(MemSeries[] target) {
    int end = 0;
    for (MemSeries each : series) {
      if (each != null) {
        target[end++] = each;
      }
    }
    return end;
  }

  /**
   * Copies the pinned series of this page, in order of refs, and returns how many they are. For the
   * apply thread.
   */
  int copyPinnedTo(MemSeries[] target) {
    int end = 0;
    for (int word = 0; word < pinned.length; word++) {
      for (long bits = pinned[word]; bits != 0; bits &= bits - 1) {
        MemSeries each = series[(word << 6) + Long.numberOfTrailingZeros(bits)];
        if (each != null) {
          target[end++] = each;
        }
      }
    }
    return end;
  }

  void put(long ref, MemSeries added) {
    series[(int) ref & MASK] = added;
    count++;
  }

  void remove(long ref) {
    series[(int) ref & MASK] = null;
    count--;
  }

  /** Whether any series has samples out of order. For the apply thread. */
  boolean hasPinned() {
    for (long word : pinned) {
      if (word != 0) {
        return true;
      }
    }
    return false;
  }

  boolean isPinned(long ref) {
    int slot = (int) ref & MASK;
    return (pinned[slot >>> 6] & 1L << slot) != 0;
  }

  void pin(long ref) {
    int slot = (int) ref & MASK;
    pinned[slot >>> 6] |= 1L << slot;
  }

  void unpin(long ref) {
    int slot = (int) ref & MASK;
    pinned[slot >>> 6] &= ~(1L << slot);
  }

  void drop(long ref) {
    int slot = (int) ref & MASK;
    dropped[slot >>> 6] |= 1L << slot;
  }

  /** Drops the series whose samples all lie before a time and came in order. */
  void dropBefore(long timestampMs) {
    for (int slot = 0; slot < SERIES; slot++) {
      if (newestMs[slot] < timestampMs && series[slot] != null) {
        dropped[slot >>> 6] |= 1L << slot & ~pinned[slot >>> 6];
      }
    }
  }

  boolean isEmpty() {
    return count == 0;
  }
}

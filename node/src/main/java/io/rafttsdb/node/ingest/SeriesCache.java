package io.rafttsdb.node.ingest;

import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.SampleBatch;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Which ref the series of some label bytes has: 16 bytes an entry, and no copy of the labels. An
 * entry is a guess that is compared with the storage's labels before it counts, so that entries may
 * be lost, torn by a race or of another storage without harm.
 *
 * <p>For any number of threads.
 */
final class SeriesCache {

  /** Slots at the most: 128 MiB. Beyond it series take each other's places. */
  static final int SLOTS_MAX = 1 << 23;

  private static final int SLOTS_FIRST = 1 << 12;

  /** Neighbours that a hash may lie in. */
  private static final int WAYS = 4;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  /** Hash and ref in turn; a hash of 0 is a free slot. */
  private volatile long[] table = new long[2 * SLOTS_FIRST];

  private volatile int used;

  /** The ref of the series with exactly these labels, or {@link SampleBatch#NO_REF}. */
  long find(long hash, byte[] message, int start, int end, Tsdb storage) {
    long[] words = table;
    for (int way = 0; way < WAYS; way++) {
      int slot = slot(hash, way, words);
      if ((long) WORD.getOpaque(words, slot) == hash) {
        long ref = (long) WORD.getOpaque(words, slot + 1);
        byte[][] labels = ref == SampleBatch.NO_REF ? null : storage.labelBytesOf(ref);
        if (labels != null && RawLabels.isSame(message, start, end, labels)) {
          return ref;
        }
      }
    }
    return SampleBatch.NO_REF;
  }

  /**
   * Reads what {@link #find} is going to read for a hash, so that the processor fetches it for many
   * series at once.
   *
   * @return nothing of meaning
   */
  long touch(long hash, Tsdb storage) {
    long[] words = table;
    long read = 0;
    for (int way = 0; way < WAYS; way++) {
      int slot = slot(hash, way, words);
      if ((long) WORD.getOpaque(words, slot) == hash) {
        long ref = (long) WORD.getOpaque(words, slot + 1);
        byte[][] labels = ref == SampleBatch.NO_REF ? null : storage.labelBytesOf(ref);
        if (labels != null) {
          for (byte[] label : labels) {
            read += label.length;
          }
        }
        return read;
      }
    }
    return read;
  }

  /** Remembers a ref. */
  synchronized void put(long hash, long ref) {
    if (used > table.length / 4 && table.length < 2 * SLOTS_MAX) {
      grow();
    }
    if (place(table, hash, ref)) {
      used++;
    }
  }

  /** Whether a free slot was taken. */
  private static boolean place(long[] words, long hash, long ref) {
    for (int way = 0; way < WAYS; way++) {
      int slot = slot(hash, way, words);
      long present = (long) WORD.getOpaque(words, slot);
      if (present == 0 || present == hash) {
        set(words, slot, hash, ref);
        return present == 0;
      }
    }
    set(words, slot(hash, (int) (hash >>> 62), words), hash, ref);
    return false;
  }

  private static void set(long[] words, int slot, long hash, long ref) {
    WORD.setOpaque(words, slot + 1, ref);
    WORD.setOpaque(words, slot, hash);
  }

  private void grow() {
    long[] old = table;
    long[] words = new long[old.length * 2];
    int placed = 0;
    for (int slot = 0; slot < old.length; slot += 2) {
      if (old[slot] != 0 && place(words, old[slot], old[slot + 1])) {
        placed++;
      }
    }
    used = placed;
    table = words;
  }

  private static int slot(long hash, int way, long[] words) {
    return 2 * ((int) (hash >>> 17) + way & words.length / 2 - 1);
  }
}

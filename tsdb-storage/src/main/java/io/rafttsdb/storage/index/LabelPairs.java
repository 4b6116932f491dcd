package io.rafttsdb.storage.index;

import java.io.IOException;
import java.util.Arrays;

/**
 * The labels of an index, as pairs of symbols, with the number of series that have each. First they
 * are counted one by one; then, ordered, the series of each are found by going over all series, as
 * many pairs at a time as fit into memory. For one thread.
 */
final class LabelPairs {

  private static final int CAPACITY_FIRST = 1 << 10;

  /** Of an empty slot: no pair, since symbols are fewer than 2^31. */
  private static final long EMPTY = -1;

  private long[] keys = new long[CAPACITY_FIRST];

  /** Count of the pair in the slot; its place in the order once that is known. */
  private int[] values = new int[CAPACITY_FIRST];

  private int size;
  private long[] sortedKeys = {};
  private int[] counts = {};

  LabelPairs() {
    Arrays.fill(keys, EMPTY);
  }

  /** Goes over all series of an index, in order of their ids. */
  interface SeriesScan {
    void forEach(SeriesVisitor visitor) throws IOException;
  }

  /** Is told a label of a series. */
  interface SeriesVisitor {
    void label(int seriesId, int name, int value) throws IOException;
  }

  /** Is told the series of a pair: those of ids[start, end), ascending. */
  interface PostingsConsumer {
    void postings(int pair, int[] ids, int start, int end) throws IOException;
  }

  /** Counts a label of a series. */
  void add(int name, int value) {
    int slot = slot(name, value);
    if (keys[slot] == EMPTY) {
      keys[slot] = key(name, value);
      size++;
      values[slot] = 1;
      if (size > keys.length / 3 * 2) {
        grow();
      }
    } else {
      values[slot]++;
    }
  }

  /** Ends the counting: pairs have places from now on, by name, then value. */
  void order() {
    sortedKeys = new long[size];
    int n = 0;
    for (long key : keys) {
      if (key != EMPTY) {
        sortedKeys[n++] = key;
      }
    }
    Arrays.sort(sortedKeys);
    counts = new int[size];
    for (int place = 0; place < size; place++) {
      int slot = slot(name(place), value(place));
      counts[place] = values[slot];
      values[slot] = place;
    }
  }

  int size() {
    return size;
  }

  int name(int place) {
    return (int) (sortedKeys[place] >>> 32);
  }

  int value(int place) {
    return (int) sortedKeys[place];
  }

  /** Series that have the pair. */
  int count(int place) {
    return counts[place];
  }

  /**
   * Hands out the series of all pairs, in order.
   *
   * @param idsMax ids kept at a time, unless one pair alone has more
   */
  void postings(SeriesScan scan, long idsMax, PostingsConsumer consumer) throws IOException {
    for (int first = 0; first < size; ) {
      long total = counts[first];
      int end = first + 1;
      while (end < size && total + counts[end] <= Math.min(idsMax, Integer.MAX_VALUE - 8)) {
        total += counts[end++];
      }
      portion(scan, first, end, (int) total, consumer);
      first = end;
    }
  }

  private void portion(SeriesScan scan, int first, int end, int total, PostingsConsumer consumer)
      throws IOException {
    int[] ids = new int[total];
    int[] next = new int[end - first];
    for (int i = 1; i < next.length; i++) {
      next[i] = next[i - 1] + counts[first + i - 1];
    }
    scan.forEach((seriesId, name, value) -> {
      int place = values[slot(name, value)];
      if (place >= first && place < end) {
        ids[next[place - first]++] = seriesId;
      }
    });
    int start = 0;
    for (int place = first; place < end; place++) {
      int stop = next[place - first];
      if (stop - start != counts[place]) {
        throw new IllegalStateException(
            "expected " + counts[place] + " series of a label, found " + (stop - start));
      }
      consumer.postings(place, ids, start, stop);
      start = stop;
    }
  }

  private int slot(int name, int value) {
    long key = key(name, value);
    long mixed = key * 0x9e3779b97f4a7c15L;
    int mask = keys.length - 1;
    int slot = (int) (mixed ^ mixed >>> 32) & mask;
    while (keys[slot] != EMPTY && keys[slot] != key) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[Math.multiplyExact(oldKeys.length, 2)];
    values = new int[keys.length];
    Arrays.fill(keys, EMPTY);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != EMPTY) {
        int slot = slot((int) (oldKeys[i] >>> 32), (int) oldKeys[i]);
        keys[slot] = oldKeys[i];
        values[slot] = oldValues[i];
      }
    }
  }

  private static long key(int name, int value) {
    return (long) name << 32 | value;
  }
}

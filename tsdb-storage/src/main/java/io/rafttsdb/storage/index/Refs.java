package io.rafttsdb.storage.index;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * A set of series refs: the first {@code count} of an array, strictly ascending. The array may be
 * longer and may be shared with the index, so nobody writes to it.
 */
public final class Refs {

  public static final Refs NONE = new Refs(new long[0], 0);

  /** Sizes that differ more than this are intersected by search, not step by step. */
  private static final int SEARCH_RATIO = 16;

  private final long[] refs;
  private final int count;

  /**
   * @param refs strictly ascending up to the count; not copied
   */
  Refs(long[] refs, int count) {
    this.refs = refs;
    this.count = count;
  }

  /** All refs in [start, end). */
  static Refs range(long startRef, long endRef) {
    long[] refs = new long[Math.toIntExact(endRef - startRef)];
    for (int i = 0; i < refs.length; i++) {
      refs[i] = startRef + i;
    }
    return new Refs(refs, refs.length);
  }

  public int count() {
    return count;
  }

  public long get(int i) {
    return refs[i];
  }

  /** Those of these refs whose place has its bit set. */
  public Refs filtered(BitSet kept) {
    long[] result = new long[kept.cardinality()];
    int n = 0;
    for (int i = kept.nextSetBit(0); i >= 0; i = kept.nextSetBit(i + 1)) {
      result[n++] = refs[i];
    }
    return new Refs(result, n);
  }

  /** The refs below a bound. */
  Refs below(long endRef) {
    if (count == 0 || refs[count - 1] < endRef) {
      return this;
    }
    return new Refs(refs, firstAtOrAfter(endRef, 0));
  }

  Refs intersect(Refs other) {
    Refs small = count <= other.count ? this : other;
    Refs large = small == this ? other : this;
    long[] both = new long[small.count];
    int n = 0;
    int at = 0;
    boolean search = large.count / SEARCH_RATIO > small.count;
    for (int i = 0; i < small.count; i++) {
      long ref = small.refs[i];
      at = search ? large.firstAtOrAfter(ref, at) : large.stepTo(ref, at);
      if (at == large.count) {
        break;
      }
      if (large.refs[at] == ref) {
        both[n++] = ref;
      }
    }
    return new Refs(both, n);
  }

  public boolean intersects(Refs other) {
    Refs small = count <= other.count ? this : other;
    Refs large = small == this ? other : this;
    int at = 0;
    for (int i = 0; i < small.count; i++) {
      at = large.firstAtOrAfter(small.refs[i], at);
      if (at == large.count) {
        return false;
      }
      if (large.refs[at] == small.refs[i]) {
        return true;
      }
    }
    return false;
  }

  Refs without(Refs unwanted) {
    if (unwanted.count == 0) {
      return this;
    }
    long[] rest = new long[count];
    int n = 0;
    int at = 0;
    for (int i = 0; i < count; i++) {
      at = unwanted.stepTo(refs[i], at);
      if (at == unwanted.count || unwanted.refs[at] != refs[i]) {
        rest[n++] = refs[i];
      }
    }
    return new Refs(rest, n);
  }

  /** Union of sets, which may overlap. */
  public static Refs union(List<Refs> sets) {
    if (sets.size() == 1) {
      return sets.getFirst();
    }
    int total = 0;
    for (Refs set : sets) {
      total = Math.addExact(total, set.count);
    }
    long[] all = new long[total];
    int end = 0;
    for (Refs set : sets) {
      System.arraycopy(set.refs, 0, all, end, set.count);
      end += set.count;
    }
    Arrays.sort(all);
    int n = 0;
    for (int i = 0; i < total; i++) {
      if (n == 0 || all[i] != all[n - 1]) {
        all[n++] = all[i];
      }
    }
    return new Refs(all, n);
  }

  private int stepTo(long ref, int from) {
    int at = from;
    while (at < count && refs[at] < ref) {
      at++;
    }
    return at;
  }

  /** Place of the first ref at or after one, by doubling steps and a binary search. */
  private int firstAtOrAfter(long ref, int from) {
    int low = from;
    int step = 1;
    while (low + step < count && refs[low + step] < ref) {
      low += step;
      step <<= 1;
    }
    int found = Arrays.binarySearch(refs, low, Math.min(low + step + 1, count), ref);
    return found >= 0 ? found : -found - 1;
  }
}

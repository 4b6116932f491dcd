package io.rafttsdb.storage.index;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set of series refs: the first {@code count} of an array, strictly ascending. The array may be
 * longer and may be shared with the index, so nobody writes to it.
 */
public final class Refs {

  public static final Refs NONE = new Refs(new long[0], 0);

  /** The most by which a ref may be greater than the base of refs of 4 bytes. */
  static final long SMALL_MAX = 0xffff_ffffL;

  /** Sizes that differ more than this are intersected by search, not step by step. */
  private static final int SEARCH_RATIO = 16;

  private static final long[] NO_LARGE = {};

  private final long base;

  /** Refs less the base, unsigned; null where they are in the other array. */
  private final int @Nullable [] small;

  private final long[] large;
  private final int count;

  /**
   * @param refs strictly ascending up to the count; not copied
   */
  Refs(long[] refs, int count) {
    this.base = 0;
    this.small = null;
    this.large = refs;
    this.count = count;
  }

  /**
   * @param small refs less the base, as unsigned numbers strictly ascending up to the count; not
   *     copied
   */
  Refs(long base, int[] small, int count) {
    this.base = base;
    this.small = small;
    this.large = NO_LARGE;
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
    return small == null ? large[i] : base + Integer.toUnsignedLong(small[i]);
  }

  /** Those of these refs whose place has its bit set. */
  public Refs filtered(BitSet kept) {
    long[] result = new long[kept.cardinality()];
    int n = 0;
    for (int i = kept.nextSetBit(0); i >= 0; i = kept.nextSetBit(i + 1)) {
      result[n++] = get(i);
    }
    return new Refs(result, n);
  }

  /** The refs below a bound. */
  Refs below(long endRef) {
    if (count == 0 || get(count - 1) < endRef) {
      return this;
    }
    int end = firstAtOrAfter(endRef, 0);
    return small == null ? new Refs(large, end) : new Refs(base, small, end);
  }

  Refs intersect(Refs other) {
    Refs few = count <= other.count ? this : other;
    Refs many = few == this ? other : this;
    long[] both = new long[few.count];
    int n = 0;
    int at = 0;
    boolean search = many.count / SEARCH_RATIO > few.count;
    for (int i = 0; i < few.count; i++) {
      long ref = few.get(i);
      at = search ? many.firstAtOrAfter(ref, at) : many.stepTo(ref, at);
      if (at == many.count) {
        break;
      }
      if (many.get(at) == ref) {
        both[n++] = ref;
      }
    }
    return new Refs(both, n);
  }

  public boolean intersects(Refs other) {
    Refs few = count <= other.count ? this : other;
    Refs many = few == this ? other : this;
    int at = 0;
    for (int i = 0; i < few.count; i++) {
      long ref = few.get(i);
      at = many.firstAtOrAfter(ref, at);
      if (at == many.count) {
        return false;
      }
      if (many.get(at) == ref) {
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
      long ref = get(i);
      at = unwanted.stepTo(ref, at);
      if (at == unwanted.count || unwanted.get(at) != ref) {
        rest[n++] = ref;
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
      for (int i = 0; i < set.count; i++) {
        all[end++] = set.get(i);
      }
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
    while (at < count && get(at) < ref) {
      at++;
    }
    return at;
  }

  /** Place of the first ref at or after one, by doubling steps and a binary search. */
  private int firstAtOrAfter(long ref, int from) {
    int low = from;
    int step = 1;
    while (low + step < count && get(low + step) < ref) {
      low += step;
      step <<= 1;
    }
    int high = Math.min(low + step, count);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (get(middle) < ref) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What was deleted of the series' samples in order, in the Head and in sealed parts: intervals by
 * ref. In columns, so that a deletion of a million series is a copy of arrays. Immutable.
 */
final class HeadDeletes {

  static final HeadDeletes NONE = new HeadDeletes(new Rows(0));

  private final Rows rows;

  /** Rows in order of refs, those of one ref in order of time and apart from each other. */
  private static final class Rows {
    long[] refs;
    long[] minMs;
    long[] maxMs;
    int count;

    Rows(int capacity) {
      refs = new long[capacity];
      minMs = new long[capacity];
      maxMs = new long[capacity];
    }

    void add(long ref, long fromMs, long toMs) {
      if (count == refs.length) {
        int capacity = Math.max(8, count * 2);
        refs = Arrays.copyOf(refs, capacity);
        minMs = Arrays.copyOf(minMs, capacity);
        maxMs = Arrays.copyOf(maxMs, capacity);
      }
      refs[count] = ref;
      minMs[count] = fromMs;
      maxMs[count] = toMs;
      count++;
    }

    /** First row of a ref or a later one. */
    int first(long ref) {
      int low = 0;
      int high = count;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (refs[middle] < ref) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }

  /** Collects intervals, one for a ref, in order of refs. */
  static final class Builder {
    private final Rows rows = new Rows(8);

    void add(long ref, long minMs, long maxMs) {
      rows.add(ref, minMs, maxMs);
    }

    HeadDeletes build() {
      return rows.count == 0 ? NONE : new HeadDeletes(rows);
    }
  }

  private HeadDeletes(Rows rows) {
    this.rows = rows;
  }

  boolean isEmpty() {
    return rows.count == 0;
  }

  /** What is deleted of a series. */
  Intervals of(long ref) {
    int row = rows.first(ref);
    if (row == rows.count || rows.refs[row] != ref) {
      return Intervals.NONE;
    }
    List<Interval> found = new ArrayList<>();
    for (; row < rows.count && rows.refs[row] == ref; row++) {
      found.add(new Interval(rows.minMs[row], rows.maxMs[row]));
    }
    return new Intervals(found);
  }

  /** What is deleted of a series in [fromMs, upToMs). */
  Intervals of(long ref, long fromMs, long upToMs) {
    Intervals all = of(ref);
    List<Interval> clipped = new ArrayList<>();
    for (Interval each : all.ranges()) {
      if (each.maxMs() >= fromMs && each.minMs() < upToMs) {
        clipped.add(
            new Interval(Math.max(each.minMs(), fromMs), Math.min(each.maxMs(), upToMs - 1)));
      }
    }
    return clipped.isEmpty() ? Intervals.NONE : new Intervals(clipped);
  }

  /** These and others. */
  HeadDeletes and(HeadDeletes more) {
    if (isEmpty() || more.isEmpty()) {
      return isEmpty() ? more : this;
    }
    Rows all = new Rows(rows.count + more.rows.count);
    int mine = 0;
    int its = 0;
    while (mine < rows.count || its < more.rows.count) {
      long myRef = mine < rows.count ? rows.refs[mine] : Long.MAX_VALUE;
      long itsRef = its < more.rows.count ? more.rows.refs[its] : Long.MAX_VALUE;
      long ref = Math.min(myRef, itsRef);
      int myEnd = myRef == ref ? rows.first(ref + 1) : mine;
      int itsEnd = itsRef == ref ? more.rows.first(ref + 1) : its;
      if (myRef == itsRef) {
        union(ref, of(ref), more.of(ref), all);
      } else if (myRef == ref) {
        copy(rows, mine, myEnd, all);
      } else {
        copy(more.rows, its, itsEnd, all);
      }
      mine = myEnd;
      its = itsEnd;
    }
    return new HeadDeletes(all);
  }

  private static void union(long ref, Intervals mine, Intervals its, Rows all) {
    List<Interval> both = new ArrayList<>(mine.ranges());
    both.addAll(its.ranges());
    for (Interval each : Intervals.of(both).ranges()) {
      all.add(ref, each.minMs(), each.maxMs());
    }
  }

  private static void copy(Rows from, int start, int end, Rows all) {
    for (int row = start; row < end; row++) {
      all.add(from.refs[row], from.minMs[row], from.maxMs[row]);
    }
  }

  /** Those that reach to a time or beyond. */
  HeadDeletes reaching(long fromMs) {
    Rows rest = new Rows(rows.count);
    for (int row = 0; row < rows.count; row++) {
      if (rows.maxMs[row] >= fromMs) {
        rest.add(rows.refs[row], rows.minMs[row], rows.maxMs[row]);
      }
    }
    return rest.count == rows.count ? this : rest.count == 0 ? NONE : new HeadDeletes(rest);
  }
}

package io.rafttsdb.storage.block;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Time ranges, both ends included, sorted, neither overlapping nor touching each other. Immutable.
 */
public record Intervals(List<Interval> ranges) {

  public static final Intervals NONE = new Intervals(List.of());

  /** The milliseconds from one to another, both included. */
  public record Interval(long minMs, long maxMs) {
    public Interval {
      if (minMs > maxMs) {
        throw new IllegalArgumentException("empty interval [" + minMs + ", " + maxMs + "]");
      }
    }
  }

  public Intervals {
    ranges = List.copyOf(ranges);
    for (int i = 1; i < ranges.size(); i++) {
      long end = ranges.get(i - 1).maxMs;
      long start = ranges.get(i).minMs;
      if (start <= end || start - 1 == end) {
        throw new IllegalArgumentException(
            "interval from " + start + " after one up to " + end + ", expected a gap");
      }
    }
  }

  /** Intervals in any order, which may overlap. */
  public static Intervals of(List<Interval> any) {
    List<Interval> sorted = new ArrayList<>(any);
    sorted.sort(Comparator.comparingLong(Interval::minMs));
    List<Interval> merged = new ArrayList<>();
    for (Interval next : sorted) {
      Interval last = merged.isEmpty() ? null : merged.getLast();
      if (last != null && (next.minMs <= last.maxMs || next.minMs - 1 == last.maxMs)) {
        merged.set(merged.size() - 1, new Interval(last.minMs, Math.max(last.maxMs, next.maxMs)));
      } else {
        merged.add(next);
      }
    }
    return merged.isEmpty() ? NONE : new Intervals(merged);
  }

  /** These with one more. */
  public Intervals with(long minMs, long maxMs) {
    List<Interval> more = new ArrayList<>(ranges);
    more.add(new Interval(minMs, maxMs));
    return of(more);
  }

  /** These but for one time. */
  public Intervals without(long timestampMs) {
    if (!contains(timestampMs)) {
      return this;
    }
    List<Interval> rest = new ArrayList<>();
    for (Interval range : ranges) {
      if (timestampMs < range.minMs || timestampMs > range.maxMs) {
        rest.add(range);
        continue;
      }
      if (range.minMs < timestampMs) {
        rest.add(new Interval(range.minMs, timestampMs - 1));
      }
      if (timestampMs < range.maxMs) {
        rest.add(new Interval(timestampMs + 1, range.maxMs));
      }
    }
    return new Intervals(rest);
  }

  public boolean isEmpty() {
    return ranges.isEmpty();
  }

  /** Whether a time lies in one of them. */
  public boolean contains(long timestampMs) {
    return covers(timestampMs, timestampMs);
  }

  /** Whether one of them holds all of [minMs, maxMs]. */
  public boolean covers(long minMs, long maxMs) {
    for (Interval range : ranges) {
      if (range.minMs <= minMs && maxMs <= range.maxMs) {
        return true;
      }
    }
    return false;
  }

  /** Whether one of them has a time of [minMs, maxMs]. */
  public boolean overlaps(long minMs, long maxMs) {
    for (Interval range : ranges) {
      if (range.minMs <= maxMs && minMs <= range.maxMs) {
        return true;
      }
    }
    return false;
  }
}

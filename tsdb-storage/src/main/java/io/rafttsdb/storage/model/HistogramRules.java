package io.rafttsdb.storage.model;

import org.jspecify.annotations.Nullable;

/**
 * What holds for both kinds of native histogram (Prometheus, model/histogram): buckets fit spans,
 * bounds ascend, and two writings of the same buckets are the same.
 */
final class HistogramRules {

  private HistogramRules() {}

  static void checkFits(String side, BucketSpans spans, long[] buckets) {
    if (spans.bucketCount() != buckets.length) {
      throw new IllegalArgumentException(
          side
              + " side: spans need "
              + spans.bucketCount()
              + " buckets, have "
              + buckets.length
              + " buckets: histogram spans specify different number of buckets than provided");
    }
  }

  /** What is wrong with a layout, or null. */
  static @Nullable String problemOf(BucketLayout layout, boolean hasZeroCount) {
    if (layout.schema() == BucketLayout.SCHEMA_CUSTOM) {
      String problem = problemOfCustom(layout, hasZeroCount);
      return problem == null ? null : "custom buckets: " + problem;
    }
    String positive = problemOfOffsets(layout.positive(), 1);
    if (positive != null) {
      return "positive side: " + positive;
    }
    String negative = problemOfOffsets(layout.negative(), 1);
    if (negative != null) {
      return "negative side: " + negative;
    }
    double threshold = Double.longBitsToDouble(layout.zeroThresholdBits());
    return threshold >= 0 ? null : "zero threshold " + threshold + ", expected 0 or more";
  }

  private static @Nullable String problemOfCustom(BucketLayout layout, boolean hasZeroCount) {
    String problem = problemOfBounds(layout.customBounds());
    if (problem == null) {
      problem = problemOfOffsets(layout.positive(), 0);
    }
    if (problem == null) {
      problem = problemOfEnd(layout.positive(), layout.customBounds().length);
    }
    if (problem == null && hasZeroCount) {
      problem = "must have zero count of 0";
    }
    if (problem == null && layout.zeroThresholdBits() != 0) {
      problem = "must have zero threshold of 0";
    }
    if (problem == null && layout.negative().spanCount() > 0) {
      problem = "must not have negative spans";
    }
    return problem;
  }

  private static @Nullable String problemOfOffsets(BucketSpans spans, int fromSpan) {
    for (int i = fromSpan; i < spans.spanCount(); i++) {
      if (spans.offsets()[i] < 0) {
        return "span number "
            + (i + 1)
            + " with offset "
            + spans.offsets()[i]
            + ": histogram has a span whose offset is negative";
      }
    }
    return null;
  }

  private static @Nullable String problemOfBounds(long[] bounds) {
    double previous = Double.NEGATIVE_INFINITY;
    for (long bits : bounds) {
      double bound = Double.longBitsToDouble(bits);
      if (!(bound > previous)) {
        return "previous bound is "
            + previous
            + " and current is "
            + bound
            + ": histogram custom bounds must be in strictly increasing order";
      }
      previous = bound;
    }
    return previous == Double.POSITIVE_INFINITY
        ? "last +Inf bound must not be explicitly defined: histogram custom bounds must be finite"
        : null;
  }

  private static @Nullable String problemOfEnd(BucketSpans spans, int boundCount) {
    long end = 0;
    for (int i = 0; i < spans.spanCount(); i++) {
      end += (long) spans.offsets()[i] + spans.lengths()[i];
    }
    if (end <= boundCount + 1L) {
      return null;
    }
    return "only "
        + boundCount
        + " custom bounds defined which is insufficient to cover total span length of "
        + end
        + ": histogram custom bounds are too few";
  }

  static String negativeCount(String side, int bucket, String count) {
    return side
        + (" side: bucket number " + (bucket + 1) + " has observation count of " + count)
        + ": histogram has a bucket whose observation count is negative";
  }

  /** Whether buckets of the same index of both are the same range of numbers, and both gauges. */
  static boolean sameFrame(NativeHistogram a, NativeHistogram b) {
    return a.layout().schema() == b.layout().schema()
        && a.layout().zeroThresholdBits() == b.layout().zeroThresholdBits()
        && a.layout().sameBounds(b.layout())
        && (a.hint() == CounterResetHint.GAUGE) == (b.hint() == CounterResetHint.GAUGE);
  }

  /** Whether the buckets with a count are the same, with the same counts. Empty: all bits 0. */
  static boolean sameBuckets(BucketSpans a, long[] aCounts, BucketSpans b, long[] bCounts) {
    int[] aIndexes = a.bucketIndexes();
    int[] bIndexes = b.bucketIndexes();
    int i = 0;
    int j = 0;
    while (true) {
      while (i < aCounts.length && aCounts[i] == 0) {
        i++;
      }
      while (j < bCounts.length && bCounts[j] == 0) {
        j++;
      }
      if (i == aCounts.length || j == bCounts.length) {
        return i == aCounts.length && j == bCounts.length;
      }
      if (aIndexes[i] != bIndexes[j] || aCounts[i++] != bCounts[j++]) {
        return false;
      }
    }
  }

  /**
   * The counts of some buckets among more of them; the others get 0. Indexes that do not ascend are
   * found where they stand in the same order.
   */
  static long[] widen(BucketSpans from, BucketSpans to, long[] counts) {
    int[] fromIndexes = from.bucketIndexes();
    int[] toIndexes = to.bucketIndexes();
    long[] wide = new long[toIndexes.length];
    int at = 0;
    for (int i = 0; i < toIndexes.length && at < fromIndexes.length; i++) {
      if (toIndexes[i] == fromIndexes[at]) {
        wide[i] = counts[at++];
      }
    }
    if (at < fromIndexes.length) {
      throw new IllegalArgumentException(
          "expected spans with bucket " + fromIndexes[at] + " of " + from + ", got " + to);
    }
    return wide;
  }
}

package io.rafttsdb.storage.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which buckets one side of a native histogram has: runs of neighbours. The first offset is the
 * index of the first bucket; each later one is the count of buckets left out before its run. Runs
 * may be empty, and may follow each other without a gap: another writing of the same buckets. Later
 * offsets are not negative in what may be written ({@link NativeHistogram#problem}); they are in
 * some chunks of Prometheus before 3.6, which can be read here.
 *
 * <p>Immutable; the arrays belong to it and are never changed.
 *
 * @param offsets one per span
 * @param lengths one per span, not negative
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by content, below
public record BucketSpans(int[] offsets, int[] lengths) {

  /** A gap is less than 2^32 buckets, an offset at most 2^31-1 or at least -2^31. */
  private static final int OFFSETS_PER_GAP_MAX = 3;

  /** No buckets. */
  public static final BucketSpans NONE = new BucketSpans(new int[0], new int[0]);

  public BucketSpans {
    String problem = problemOf(offsets, lengths);
    if (problem != null) {
      throw new IllegalArgumentException(problem);
    }
  }

  /** Spans of pairs of offset and length. */
  public static BucketSpans of(int... offsetsAndLengths) {
    int[] offsets = new int[offsetsAndLengths.length / 2];
    int[] lengths = new int[offsets.length];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = offsetsAndLengths[2 * i];
      lengths[i] = offsetsAndLengths[2 * i + 1];
    }
    return new BucketSpans(offsets, lengths);
  }

  /** The shortest spans that have exactly these buckets; a gap beyond 31 bits takes empty ones. */
  public static BucketSpans ofIndexes(int[] indexes) {
    int[] offsets = new int[indexes.length * OFFSETS_PER_GAP_MAX];
    int[] lengths = new int[offsets.length];
    int spans = 0;
    for (int i = 0; i < indexes.length; i++) {
      long gap = i == 0 ? indexes[i] : (long) indexes[i] - indexes[i - 1] - 1;
      if (i == 0 || gap != 0) {
        for (; gap != (int) gap; gap -= offsets[spans++]) {
          offsets[spans] = gap > 0 ? Integer.MAX_VALUE : Integer.MIN_VALUE;
        }
        offsets[spans++] = (int) gap;
      }
      lengths[spans - 1]++;
    }
    return new BucketSpans(Arrays.copyOf(offsets, spans), Arrays.copyOf(lengths, spans));
  }

  /** Why such arrays are no spans, or null where they are. */
  public static @Nullable String problemOf(int[] offsets, int[] lengths) {
    if (offsets.length != lengths.length) {
      return "expected as many lengths as the "
          + offsets.length
          + " offsets, got "
          + lengths.length;
    }
    long end = 0; // one past the last bucket
    long buckets = 0;
    for (int i = 0; i < offsets.length; i++) {
      if (lengths[i] < 0) {
        return "span number " + (i + 1) + " with length " + Integer.toUnsignedString(lengths[i]);
      }
      end += (long) offsets[i] + lengths[i];
      buckets += lengths[i];
      if (end != (int) end || buckets > Integer.MAX_VALUE) {
        return "span number " + (i + 1) + " ends at bucket " + end + ", expected 32 bits";
      }
    }
    return null;
  }

  public int spanCount() {
    return offsets.length;
  }

  public int bucketCount() {
    int count = 0;
    for (int length : lengths) {
      count += length;
    }
    return count;
  }

  /** Index of every bucket, ascending where no later offset is negative; a new array. */
  public int[] bucketIndexes() {
    int[] indexes = new int[bucketCount()];
    int at = 0;
    int index = 0;
    for (int span = 0; span < offsets.length; span++) {
      index += offsets[span];
      for (int i = 0; i < lengths[span]; i++) {
        indexes[at++] = index++;
      }
    }
    return indexes;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof BucketSpans spans
        && Arrays.equals(offsets, spans.offsets)
        && Arrays.equals(lengths, spans.lengths);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(offsets) * 31 + Arrays.hashCode(lengths);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < offsets.length; i++) {
      text.append(i == 0 ? "" : " ").append(offsets[i]).append('+').append(lengths[i]);
    }
    return text.append(']').toString();
  }
}

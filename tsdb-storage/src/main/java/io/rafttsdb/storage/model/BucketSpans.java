package io.rafttsdb.storage.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which buckets one side of a native histogram has: runs of neighbours. The first offset is the
 * index of the first bucket; each later one is the count of buckets left out before its run. Runs
 * may be empty, and may follow each other without a gap: another writing of the same buckets.
 *
 * <p>Immutable; the arrays belong to it and are never changed.
 *
 * @param offsets one per span, from the second on not negative
 * @param lengths one per span, not negative
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by content, below
public record BucketSpans(int[] offsets, int[] lengths) {

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

  /** The shortest spans that have exactly these buckets. */
  public static BucketSpans ofIndexes(int[] ascending) {
    int[] offsets = new int[ascending.length];
    int[] lengths = new int[ascending.length];
    int spans = 0;
    for (int i = 0; i < ascending.length; i++) {
      if (i == 0 || ascending[i] != ascending[i - 1] + 1) {
        offsets[spans++] = i == 0 ? ascending[i] : ascending[i] - ascending[i - 1] - 1;
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
      if (i > 0 && offsets[i] < 0) {
        return "span number " + (i + 1) + " with offset " + offsets[i] + ", expected 0 or more";
      }
      if (lengths[i] < 0) {
        return "span number " + (i + 1) + " with length " + Integer.toUnsignedString(lengths[i]);
      }
      end += (long) offsets[i] + lengths[i];
      buckets += lengths[i];
      if (end > Integer.MAX_VALUE || buckets > Integer.MAX_VALUE) {
        return "span number " + (i + 1) + " ends at bucket " + end + ", beyond 2^31";
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

  /** Index of every bucket, ascending; a new array. */
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

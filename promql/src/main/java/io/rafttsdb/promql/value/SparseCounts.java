package io.rafttsdb.promql.value;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Counts by the index of their bucket, indexes rising. Immutable. */
public final class SparseCounts {

  public static final SparseCounts NONE = new SparseCounts(new int[0], new double[0]);

  private final int[] indexes;
  private final double[] counts;

  private SparseCounts(int[] indexes, double[] counts) {
    this.indexes = indexes;
    this.counts = counts;
  }

  /**
   * Takes the arrays over; empty buckets are left out.
   *
   * @param indexes rising
   */
  public static SparseCounts of(int[] indexes, double[] counts) {
    int kept = 0;
    for (int i = 0; i < indexes.length; i++) {
      if (counts[i] != 0) {
        indexes[kept] = indexes[i];
        counts[kept] = counts[i];
        kept++;
      }
    }
    return kept == indexes.length
        ? new SparseCounts(indexes, counts)
        : new SparseCounts(Arrays.copyOf(indexes, kept), Arrays.copyOf(counts, kept));
  }

  public int size() {
    return indexes.length;
  }

  public int index(int place) {
    return indexes[place];
  }

  public double count(int place) {
    return counts[place];
  }

  /** Sum of the first counts. */
  double sum(int first) {
    double sum = 0;
    for (int i = 0; i < first; i++) {
      sum += counts[i];
    }
    return sum;
  }

  SparseCounts from(int place) {
    return new SparseCounts(
        Arrays.copyOfRange(indexes, place, indexes.length),
        Arrays.copyOfRange(counts, place, counts.length));
  }

  SparseCounts plus(SparseCounts other, double factor) {
    int[] sumIndexes = new int[size() + other.size()];
    double[] sums = new double[sumIndexes.length];
    int at = 0;
    int a = 0;
    int b = 0;
    while (a < size() || b < other.size()) {
      boolean mine = b == other.size() || (a < size() && indexes[a] <= other.indexes[b]);
      boolean others = a == size() || (b < other.size() && other.indexes[b] <= indexes[a]);
      sumIndexes[at] = mine ? indexes[a] : other.indexes[b];
      sums[at++] = (mine ? counts[a++] : 0) + (others ? other.counts[b++] * factor : 0);
    }
    return of(Arrays.copyOf(sumIndexes, at), Arrays.copyOf(sums, at));
  }

  SparseCounts map(DoubleUnaryOperator change) {
    return of(indexes.clone(), Arrays.stream(counts).map(change).toArray());
  }

  /** Each 2^{@code levels} neighbours in one. */
  SparseCounts merged(int levels) {
    int[] wide = new int[size()];
    double[] sums = new double[size()];
    int at = -1;
    for (int i = 0; i < size(); i++) {
      int index = ((indexes[i] - 1) >> levels) + 1;
      if (at < 0 || wide[at] != index) {
        wide[++at] = index;
      }
      sums[at] += counts[i];
    }
    return of(Arrays.copyOf(wide, at + 1), Arrays.copyOf(sums, at + 1));
  }

  /** Whether any bucket has less than the same one of an earlier histogram. */
  boolean isLessAnywhere(SparseCounts before) {
    int at = 0;
    for (int i = 0; i < before.size(); i++) {
      while (at < size() && indexes[at] < before.indexes[i]) {
        if (counts[at++] < 0) {
          return true;
        }
      }
      boolean has = at < size() && indexes[at] == before.indexes[i];
      if ((has ? counts[at++] : 0) < before.counts[i]) {
        return true;
      }
    }
    return false;
  }

  boolean sameAs(SparseCounts other) {
    return Arrays.equals(indexes, other.indexes) && Arrays.equals(counts, other.counts);
  }
}

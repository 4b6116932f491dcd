package io.rafttsdb.promql.value;

import io.rafttsdb.storage.model.Samples;
import java.util.Arrays;

/**
 * One series' values over the steps of an evaluation: a {@code double} a step.
 *
 * <p>A step without a value holds the stale marker's bits. No result has them: samples that are
 * stale markers never become values, and arithmetic makes other NaNs. Whoever computes with a value
 * asks {@link #isAbsent} first.
 */
public final class Column {

  private static final double ABSENT = Double.longBitsToDouble(Samples.STALE);

  private Column() {}

  /** What a step without a value holds. */
  public static double absent() {
    return ABSENT;
  }

  public static boolean isAbsent(double slot) {
    return Double.doubleToRawLongBits(slot) == Samples.STALE;
  }

  /** A new column without any value. */
  public static double[] empty(int steps) {
    double[] column = new double[steps];
    Arrays.fill(column, ABSENT);
    return column;
  }

  /** Number of steps that have a value. */
  public static int count(double[] column) {
    int count = 0;
    for (double slot : column) {
      if (!isAbsent(slot)) {
        count++;
      }
    }
    return count;
  }

  public static boolean isEmpty(double[] column) {
    for (double slot : column) {
      if (!isAbsent(slot)) {
        return false;
      }
    }
    return true;
  }
}

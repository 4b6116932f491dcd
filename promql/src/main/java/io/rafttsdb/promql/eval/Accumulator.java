package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.function.KahanSum;
import io.rafttsdb.promql.function.Mean;
import io.rafttsdb.promql.function.Quantile;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.HistogramTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Folds the columns of one group into one, step by step. */
interface Accumulator {

  /** Takes the column over. */
  void add(double[] column);

  /** The group's column; nothing may be added after it. */
  double[] result();

  /** The sum with Kahan's and Neumaier's compensation. */
  final class Sum implements Accumulator {
    private final double[] sums;
    private final double[] compensations;
    private final HistogramSums histograms;

    Sum(int steps, HistogramSums histograms) {
      this.histograms = histograms;
      sums = Column.empty(steps);
      compensations = new double[steps];
    }

    @Override
    public void add(double[] column) {
      for (int i = 0; i < column.length; i++) {
        double value = column[i];
        if (Column.isAbsent(value)) {
          continue;
        }
        if (HistogramTable.isHistogram(value)) {
          histograms.add(i, value);
          continue;
        }
        double sum = sums[i];
        if (Column.isAbsent(sum)) {
          sums[i] = value;
        } else {
          double next = sum + value;
          compensations[i] = KahanSum.compensation(sum, value, next, compensations[i]);
          sums[i] = next;
        }
      }
    }

    @Override
    public double[] result() {
      for (int i = 0; i < sums.length; i++) {
        if (!Column.isAbsent(sums[i])) {
          sums[i] += compensations[i];
        }
      }
      histograms.addTo(sums);
      return sums;
    }
  }

  /** The mean. */
  final class Average implements Accumulator {
    private final @Nullable Mean[] means;
    private final HistogramSums histograms;

    Average(int steps, HistogramSums histograms) {
      this.histograms = histograms;
      means = new Mean[steps];
    }

    @Override
    public void add(double[] column) {
      for (int i = 0; i < column.length; i++) {
        if (HistogramTable.isHistogram(column[i])) {
          histograms.add(i, column[i]);
        } else if (!Column.isAbsent(column[i])) {
          Mean mean = means[i];
          if (mean == null) {
            mean = new Mean();
            means[i] = mean;
          }
          mean.add(column[i]);
        }
      }
    }

    @Override
    public double[] result() {
      double[] column = Column.empty(means.length);
      for (int i = 0; i < column.length; i++) {
        Mean mean = means[i];
        if (mean != null) {
          column[i] = mean.value();
        }
      }
      histograms.addTo(column);
      return column;
    }
  }

  /** The least or greatest value; NaN where there is nothing else. */
  final class Extreme implements Accumulator {
    private final double[] extremes;
    private final boolean greatest;

    Extreme(int steps, boolean greatest) {
      this.extremes = Column.empty(steps);
      this.greatest = greatest;
    }

    @Override
    public void add(double[] column) {
      for (int i = 0; i < column.length; i++) {
        double value = column[i];
        if (Column.isAbsent(value)) {
          continue;
        }
        double extreme = extremes[i];
        // An absent extreme is a NaN, too.
        if (Double.isNaN(extreme) || (greatest ? value > extreme : value < extreme)) {
          extremes[i] = value;
        }
      }
    }

    @Override
    public double[] result() {
      return extremes;
    }
  }

  /** How many values there are, or 1 where there is any. */
  final class Count implements Accumulator {
    private final double[] counts;
    private final boolean oneOnly;

    Count(int steps, boolean oneOnly) {
      this.counts = Column.empty(steps);
      this.oneOnly = oneOnly;
    }

    @Override
    public void add(double[] column) {
      for (int i = 0; i < column.length; i++) {
        if (!Column.isAbsent(column[i])) {
          counts[i] = oneOnly || Column.isAbsent(counts[i]) ? 1 : counts[i] + 1;
        }
      }
    }

    @Override
    public double[] result() {
      return counts;
    }
  }

  /** Variance or standard deviation of the population, by Welford's algorithm. */
  final class Variance implements Accumulator {
    private final double[] counts;
    private final double[] means;
    private final double[] squares;
    private final boolean root;

    Variance(int steps, boolean root) {
      this.counts = new double[steps];
      this.means = new double[steps];
      this.squares = new double[steps];
      this.root = root;
    }

    @Override
    public void add(double[] column) {
      for (int i = 0; i < column.length; i++) {
        double value = column[i];
        if (Column.isAbsent(value)) {
          continue;
        }
        counts[i]++;
        if (counts[i] == 1) {
          means[i] = value;
          squares[i] = Double.isNaN(value) || Double.isInfinite(value) ? Double.NaN : 0;
        } else {
          double delta = value - means[i];
          means[i] += delta / counts[i];
          squares[i] += delta * (value - means[i]);
        }
      }
    }

    @Override
    public double[] result() {
      for (int i = 0; i < squares.length; i++) {
        double variance = squares[i] / counts[i];
        squares[i] = counts[i] == 0 ? Column.absent() : root ? Math.sqrt(variance) : variance;
      }
      return squares;
    }
  }

  /** A quantile, which needs all values at once. */
  final class Quantiles implements Accumulator {
    private final double[] quantiles;
    private final List<double[]> columns = new ArrayList<>();

    /**
     * @param quantiles the quantile asked for at each step
     */
    Quantiles(double[] quantiles) {
      this.quantiles = quantiles;
    }

    @Override
    public void add(double[] column) {
      columns.add(column);
    }

    @Override
    public double[] result() {
      double[] result = Column.empty(quantiles.length);
      double[] values = new double[columns.size()];
      for (int i = 0; i < result.length; i++) {
        int count = 0;
        for (double[] column : columns) {
          if (!Column.isAbsent(column[i])) {
            values[count++] = column[i];
          }
        }
        if (count > 0) {
          result[i] = Quantile.of(quantiles[i], Arrays.copyOf(values, count));
        }
      }
      return result;
    }
  }
}

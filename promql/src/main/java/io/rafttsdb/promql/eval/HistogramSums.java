package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.Span;
import io.rafttsdb.promql.function.Remarks;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.Histogram.Fit;
import io.rafttsdb.promql.value.HistogramTable;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the native histograms of a group, or takes their mean. Floats beside them at the same
 * step, or histograms that can't be added, leave the step without a value.
 */
final class HistogramSums {

  private final Evaluator evaluator;
  private final Span span;
  private final boolean mean;
  private final int steps;
  private @Nullable Step @Nullable [] sums; // null until there is a histogram

  HistogramSums(Evaluator evaluator, Span span, boolean mean, int steps) {
    this.evaluator = evaluator;
    this.span = span;
    this.mean = mean;
    this.steps = steps;
  }

  private static final class Step {
    double slot = Column.absent(); // absent: they can't be added
    int count;
  }

  /** Adds a histogram, whose slot stays with its column. */
  void add(int at, double slot) {
    @Nullable Step[] all = sums;
    if (all == null) {
      all = new Step[steps];
      sums = all;
    }
    HistogramTable table = evaluator.histograms();
    Histogram histogram = table.get(slot);
    Step step = all[at];
    if (step == null) {
      step = new Step();
      step.slot = table.add(histogram);
      all[at] = step;
    } else if (!Column.isAbsent(step.slot)) {
      Histogram sum = table.take(step.slot);
      step.slot = Column.absent();
      Fit fit = sum.fit(histogram);
      if (fit == Fit.FITS) {
        step.slot = table.add(sum.plus(histogram));
      } else {
        new Remarks(evaluator.annotations(), "", span).unfit(fit);
      }
    }
    step.count++;
  }

  /** Puts the histograms into the column of the floats' sums or means. */
  void addTo(double[] floats) {
    @Nullable Step[] all = sums;
    for (int i = 0; all != null && i < all.length; i++) {
      Step step = all[i];
      if (step == null) {
        continue;
      }
      if (!Column.isAbsent(floats[i])) {
        evaluator
            .annotations()
            .histogramWarning("encountered a mix of histograms and floats for aggregation", span);
        floats[i] = Column.absent();
      } else {
        floats[i] = mean && !Column.isAbsent(step.slot) ? mean(step) : step.slot;
      }
    }
  }

  private double mean(Step step) {
    Histogram sum = evaluator.histograms().take(step.slot);
    return evaluator.histograms().add(sum.by(step.count));
  }
}

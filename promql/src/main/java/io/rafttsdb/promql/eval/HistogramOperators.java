package io.rafttsdb.promql.eval;

import io.rafttsdb.promql.ast.BinaryOp;
import io.rafttsdb.promql.ast.Expr.Binary;
import io.rafttsdb.promql.ast.Quoting;
import io.rafttsdb.promql.value.Annotations;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.Histogram.Fit;
import io.rafttsdb.promql.value.HistogramTable;

/** What a binary operator does where a side is a native histogram: slots in, slots out. */
final class HistogramOperators {

  private final Binary binary;
  private final HistogramTable table;
  private final Annotations annotations;

  HistogramOperators(Binary binary, HistogramTable table, Annotations annotations) {
    this.binary = binary;
    this.table = table;
    this.annotations = annotations;
  }

  /** Takes the histogram over. */
  double withScalar(double slot, double scalar, boolean scalarLeft) {
    Histogram histogram = table.take(slot);
    return scalarLeft ? floatFirst(scalar, histogram) : floatSecond(histogram, scalar);
  }

  /** At least one is a histogram, whose slot stays with its column. */
  double apply(double left, double right) {
    if (!HistogramTable.isHistogram(left)) {
      return floatFirst(left, table.get(right));
    }
    Histogram histogram = table.get(left);
    if (!HistogramTable.isHistogram(right)) {
      return floatSecond(histogram, right);
    }
    return both(histogram, table.get(right));
  }

  private double floatFirst(double left, Histogram right) {
    return binary.op() == BinaryOp.MULTIPLY
        ? table.add(right.times(left))
        : incompatible("float", "histogram");
  }

  private double floatSecond(Histogram left, double right) {
    return switch (binary.op()) {
      case MULTIPLY -> table.add(left.times(right));
      case DIVIDE -> table.add(left.by(right));
      default -> incompatible("histogram", "float");
    };
  }

  private double both(Histogram left, Histogram right) {
    return switch (binary.op()) {
      case ADD -> fits(left, right) ? table.add(left.plus(right)) : Column.absent();
      case SUBTRACT -> fits(left, right) ? table.add(left.minus(right)) : Column.absent();
      case EQUAL -> compared(left.sameAs(right), left);
      case NOT_EQUAL -> compared(!left.sameAs(right), left);
      default -> incompatible("histogram", "histogram");
    };
  }

  private double compared(boolean holds, Histogram left) {
    if (binary.returnBool()) {
      return holds ? 1 : 0;
    }
    return holds ? table.add(left) : Column.absent();
  }

  private boolean fits(Histogram left, Histogram right) {
    if (left.fit(right) == Fit.FITS) {
      return true;
    }
    annotations.histogramWarning(
        "incompatible bucket layout encountered for binary operator " + binary.op().symbol(),
        binary.span());
    return false;
  }

  private double incompatible(String left, String right) {
    String op = binary.op().symbol();
    annotations.histogramInfo(
        "incompatible sample types encountered for binary operator "
            + (Quoting.quote(op) + ": " + left + " " + op + " " + right),
        binary.span());
    return Column.absent();
  }
}

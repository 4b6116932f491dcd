package io.rafttsdb.promql.ast;

import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node of a query's tree. Immutable.
 *
 * <p>Two nodes are never compared by {@code equals} in the engine, which would walk both trees;
 * passes that keep something about a node do so by its identity.
 */
public sealed interface Expr {

  Span span();

  /**
   * A number, or a duration in seconds.
   *
   * @param duration whether it was written as a duration ({@code 5m}), which changes how it prints
   */
  record NumberLiteral(double value, boolean duration, Span span) implements Expr {}

  record StringLiteral(String value, Span span) implements Expr {}

  /**
   * The newest sample of each series at a time.
   *
   * @param matchers all conditions, the metric's name among them
   */
  record VectorSelector(List<Matcher> matchers, Modifiers modifiers, Span span) implements Expr {
    public VectorSelector {
      matchers = List.copyOf(matchers);
    }

    /** The one name that all its series bear, or null where there may be several. */
    public @Nullable String metricName() {
      for (Matcher matcher : matchers) {
        if (matcher.name().equals(Labels.METRIC_NAME)
            && matcher.type() == Matcher.Type.EQUAL
            && !matcher.value().isEmpty()) {
          return matcher.value();
        }
      }
      return null;
    }
  }

  /** All samples of a time range; the modifiers are the selector's. */
  record MatrixSelector(VectorSelector selector, long rangeMs, Span span) implements Expr {
    public MatrixSelector {
      if (rangeMs <= 0) {
        throw new IllegalArgumentException("range of " + rangeMs + " ms");
      }
    }
  }

  /**
   * An expression evaluated at every multiple of a step within a time range.
   *
   * @param stepMs 0: the engine's default
   */
  record Subquery(Expr operand, long rangeMs, long stepMs, Modifiers modifiers, Span span)
      implements Expr {
    public Subquery {
      if (rangeMs <= 0 || stepMs < 0) {
        throw new IllegalArgumentException("subquery [" + rangeMs + " ms:" + stepMs + " ms]");
      }
    }
  }

  record Call(String function, List<Expr> arguments, Span span) implements Expr {
    public Call {
      arguments = List.copyOf(arguments);
    }
  }

  /**
   * One value from the series of a group, for each group.
   *
   * @param parameter what stands before the vector: k, a quantile or a label name
   * @param without whether {@code grouping} are the labels to leave out, or those to keep
   */
  record Aggregation(
      AggregateOp op,
      @Nullable Expr parameter,
      Expr operand,
      boolean without,
      List<String> grouping,
      Span span)
      implements Expr {
    public Aggregation {
      grouping = List.copyOf(grouping);
    }
  }

  /**
   * An operator between two expressions.
   *
   * @param matching how two vectors match; without meaning where an operand is a scalar
   */
  record Binary(
      BinaryOp op, Expr left, Expr right, boolean returnBool, VectorMatching matching, Span span)
      implements Expr {}

  /** A sign before an expression. */
  record Unary(boolean minus, Expr operand, Span span) implements Expr {}

  record Paren(Expr inner, Span span) implements Expr {}

  /** The expression inside any number of parentheses. */
  static Expr unwrap(Expr expr) {
    Expr inner = expr;
    while (inner instanceof Paren paren) {
      inner = paren.inner();
    }
    return inner;
  }
}

package io.rafttsdb.promql.ast;

import io.rafttsdb.promql.ast.Expr.Aggregation;
import io.rafttsdb.promql.ast.Expr.Binary;
import io.rafttsdb.promql.ast.Expr.Call;
import io.rafttsdb.promql.ast.Expr.MatrixSelector;
import io.rafttsdb.promql.ast.Expr.NumberLiteral;
import io.rafttsdb.promql.ast.Expr.Paren;
import io.rafttsdb.promql.ast.Expr.StringLiteral;
import io.rafttsdb.promql.ast.Expr.Subquery;
import io.rafttsdb.promql.ast.Expr.Unary;
import io.rafttsdb.promql.ast.Expr.VectorSelector;
import io.rafttsdb.promql.ast.Modifiers.At;
import io.rafttsdb.promql.ast.VectorMatching.Cardinality;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a tree as canonical PromQL text, which parses to the same tree. */
public final class Printer {

  private final StringBuilder out = new StringBuilder();

  private Printer() {}

  public static String print(Expr expr) {
    Printer printer = new Printer();
    printer.expr(expr);
    return printer.out.toString();
  }

  private void expr(Expr expr) {
    switch (expr) {
      case NumberLiteral number -> number(number);
      case StringLiteral string -> out.append(Quoting.quote(string.value()));
      case VectorSelector selector -> {
        selector(selector);
        modifiers(selector.modifiers());
      }
      case MatrixSelector matrix -> {
        selector(matrix.selector());
        out.append('[').append(DurationText.format(matrix.rangeMs())).append(']');
        modifiers(matrix.selector().modifiers());
      }
      case Subquery subquery -> subquery(subquery);
      case Call call -> {
        out.append(call.function());
        arguments(null, call.arguments());
      }
      case Aggregation aggregation -> aggregation(aggregation);
      case Binary binary -> binary(binary);
      case Unary unary -> {
        out.append(unary.minus() ? '-' : '+');
        expr(unary.operand());
      }
      case Paren paren -> {
        out.append('(');
        expr(paren.inner());
        out.append(')');
      }
    }
  }

  private void number(NumberLiteral number) {
    if (number.duration()) {
      double value = number.value();
      out.append(value < 0 ? "-" : "");
      out.append(DurationText.format(Math.round(Math.abs(value) * 1000)));
    } else {
      out.append(NumberText.plain(number.value()));
    }
  }

  private void selector(VectorSelector selector) {
    Matcher name = printableName(selector.matchers());
    boolean plain =
        name != null
            && Quoting.isPlainMetricName(name.value())
            && !Quoting.WORDS.contains(name.value().toLowerCase(Locale.ROOT));
    if (name != null && plain) {
      out.append(name.value());
      if (selector.matchers().size() == 1) {
        return;
      }
    }
    out.append('{');
    String separator = "";
    if (name != null && !plain) {
      out.append(Quoting.quote(name.value()));
      separator = ",";
    }
    for (Matcher matcher : selector.matchers()) {
      // Where a name was found, no other matcher is on the name.
      if (name == null || !matcher.name().equals(Labels.METRIC_NAME)) {
        out.append(separator).append(Quoting.labelName(matcher.name()));
        out.append(matcher.type().symbol()).append(Quoting.quote(matcher.value()));
        separator = ",";
      }
    }
    out.append('}');
  }

  /** The matcher that prints as the metric's name: the only one on the name, and an equality. */
  private static @Nullable Matcher printableName(List<Matcher> matchers) {
    Matcher found = null;
    for (Matcher matcher : matchers) {
      if (matcher.name().equals(Labels.METRIC_NAME)) {
        if (found != null || matcher.type() != Matcher.Type.EQUAL || matcher.value().isEmpty()) {
          return null;
        }
        found = matcher;
      }
    }
    return found;
  }

  private void modifiers(Modifiers modifiers) {
    At at = modifiers.at();
    if (at != null) {
      switch (at) {
        case At.Time(long timeMs) ->
            out.append(" @ ").append(BigDecimal.valueOf(timeMs, 3).toPlainString());
        case At.Start() -> out.append(" @ start()");
        case At.End() -> out.append(" @ end()");
      }
    }
    long offsetMs = modifiers.offsetMs();
    if (offsetMs != 0) {
      out.append(" offset ").append(offsetMs < 0 ? "-" : "");
      out.append(DurationText.format(Math.abs(offsetMs)));
    }
  }

  private void subquery(Subquery subquery) {
    expr(subquery.operand());
    out.append('[').append(DurationText.format(subquery.rangeMs())).append(':');
    if (subquery.stepMs() > 0) {
      out.append(DurationText.format(subquery.stepMs()));
    }
    out.append(']');
    modifiers(subquery.modifiers());
  }

  private void aggregation(Aggregation aggregation) {
    out.append(aggregation.op().word());
    if (aggregation.without() || !aggregation.grouping().isEmpty()) {
      out.append(aggregation.without() ? " without " : " by ");
      labels(aggregation.grouping());
      out.append(' ');
    }
    arguments(aggregation.parameter(), List.of(aggregation.operand()));
  }

  private void arguments(@Nullable Expr first, List<Expr> rest) {
    out.append('(');
    if (first != null) {
      expr(first);
      out.append(", ");
    }
    String separator = "";
    for (Expr argument : rest) {
      out.append(separator);
      expr(argument);
      separator = ", ";
    }
    out.append(')');
  }

  private void binary(Binary binary) {
    expr(binary.left());
    out.append(' ').append(binary.op().symbol());
    if (binary.returnBool()) {
      out.append(" bool");
    }
    VectorMatching matching = binary.matching();
    Cardinality cardinality = matching.cardinality();
    boolean grouped =
        cardinality == Cardinality.MANY_TO_ONE || cardinality == Cardinality.ONE_TO_MANY;
    if (matching.on() || !matching.labels().isEmpty() || grouped) {
      out.append(matching.on() ? " on " : " ignoring ");
      labels(matching.labels());
    }
    if (grouped) {
      out.append(cardinality == Cardinality.MANY_TO_ONE ? " group_left " : " group_right ");
      labels(matching.include());
    }
    out.append(' ');
    expr(binary.right());
  }

  private void labels(List<String> names) {
    out.append('(');
    String separator = "";
    for (String name : names) {
      out.append(separator).append(Quoting.labelName(name));
      separator = ", ";
    }
    out.append(')');
  }
}

package io.rafttsdb.node.query;

import io.rafttsdb.promql.ast.Expr;
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
import io.rafttsdb.promql.ast.Modifiers;
import io.rafttsdb.promql.ast.NumberText;
import io.rafttsdb.promql.ast.ValueType;
import io.rafttsdb.promql.ast.VectorMatching;
import io.rafttsdb.promql.function.Functions;
import io.rafttsdb.promql.function.Signature;
import io.rafttsdb.promql.function.Types;
import io.rafttsdb.storage.model.Matcher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A parsed query as Prometheus's JSON of its syntax tree, the keys in alphabetical order. */
final class ParseTree {
  private final String query;
  private final JsonOutput json;

  private ParseTree(String query, JsonOutput json) {
    this.query = query;
    this.json = json;
  }

  /**
   * Writes a tree.
   *
   * @param query the text that was parsed
   */
  static void write(String query, Expr expr, JsonOutput json) throws IOException {
    new ParseTree(query, json).expr(expr);
  }

  private void expr(@Nullable Expr expr) throws IOException {
    switch (expr) {
      case null -> json.raw("null");
      case NumberLiteral number -> literal("numberLiteral", NumberText.plain(number.value()));
      case StringLiteral string -> literal("stringLiteral", string.value());
      case VectorSelector selector -> {
        selector(selector, "");
        json.raw("\"vectorSelector\"}");
      }
      case MatrixSelector matrix -> {
        selector(matrix.selector(), "\"range\":" + matrix.rangeMs() + ",");
        json.raw("\"matrixSelector\"}");
      }
      case Subquery subquery -> subquery(subquery);
      case Call call -> call(call);
      case Aggregation aggregation -> aggregation(aggregation);
      case Binary binary -> binary(binary);
      case Unary unary -> {
        json.raw("{\"expr\":");
        expr(unary.operand());
        json.raw(",\"op\":\"" + (unary.minus() ? '-' : '+') + "\",\"type\":\"unaryExpr\"}");
      }
      case Paren paren -> {
        json.raw("{\"expr\":");
        expr(paren.inner());
        json.raw(",\"type\":\"parenExpr\"}");
      }
    }
  }

  private void literal(String type, String value) throws IOException {
    json.raw("{\"type\":\"" + type + "\",\"val\":");
    json.string(value);
    json.raw("}");
  }

  /** All but the type itself and the end. */
  private void selector(VectorSelector selector, String range) throws IOException {
    // Prometheus has a name only where it stands before the braces, and then its matcher last.
    String name = query.charAt(selector.span().start()) == '{' ? null : selector.metricName();
    List<Matcher> matchers = new ArrayList<>(selector.matchers());
    if (name != null) {
      Matcher first = matchers.removeFirst();
      matchers.addLast(first);
    }
    json.raw("{\"matchers\":[");
    String separator = "";
    for (Matcher matcher : matchers) {
      json.raw(separator + "{\"name\":");
      json.string(matcher.name());
      json.raw(",\"type\":\"" + matcher.type().symbol() + "\",\"value\":");
      json.string(matcher.value());
      json.raw("}");
      separator = ",";
    }
    json.raw("],\"name\":");
    json.string(name == null ? "" : name);
    Modifiers modifiers = selector.modifiers();
    json.raw(",\"offset\":" + modifiers.offsetMs() + "," + range + startOrEnd(modifiers));
    json.raw(timestamp(modifiers) + "\"type\":");
  }

  private static String startOrEnd(Modifiers modifiers) {
    return switch (modifiers.at()) {
      case Modifiers.At.Start() -> "\"startOrEnd\":\"start\",";
      case Modifiers.At.End() -> "\"startOrEnd\":\"end\",";
      case null, default -> "\"startOrEnd\":null,";
    };
  }

  private static String timestamp(Modifiers modifiers) {
    return modifiers.at() instanceof Modifiers.At.Time(long timeMs)
        ? "\"timestamp\":" + timeMs + ","
        : "\"timestamp\":null,";
  }

  private void subquery(Subquery subquery) throws IOException {
    Modifiers modifiers = subquery.modifiers();
    json.raw("{\"expr\":");
    expr(subquery.operand());
    json.raw(",\"offset\":" + modifiers.offsetMs() + ",\"range\":" + subquery.rangeMs() + ",");
    json.raw(startOrEnd(modifiers) + "\"step\":" + subquery.stepMs() + ",");
    json.raw(timestamp(modifiers) + "\"type\":\"subquery\"}");
  }

  private void call(Call call) throws IOException {
    json.raw("{\"args\":[");
    for (int i = 0; i < call.arguments().size(); i++) {
      json.raw(i == 0 ? "" : ",");
      expr(call.arguments().get(i));
    }
    Signature signature = Functions.of(call.function()).signature();
    json.raw("],\"func\":{\"argTypes\":");
    json.strings(signature.arguments().stream().map(ParseTree::word).toList());
    json.raw(",\"name\":\"" + call.function() + "\",\"returnType\":\"" + word(signature.result()));
    json.raw("\",\"variadic\":" + signature.optional() + "},\"type\":\"call\"}");
  }

  private static String word(ValueType type) {
    return switch (type) {
      case SCALAR -> "scalar";
      case STRING -> "string";
      case INSTANT_VECTOR -> "vector";
      case RANGE_VECTOR -> "matrix";
    };
  }

  private void aggregation(Aggregation aggregation) throws IOException {
    json.raw("{\"expr\":");
    expr(aggregation.operand());
    json.raw(",\"grouping\":");
    json.strings(aggregation.grouping());
    json.raw(",\"op\":\"" + aggregation.op().word() + "\",\"param\":");
    expr(aggregation.parameter());
    json.raw(",\"type\":\"aggregation\",\"without\":" + aggregation.without() + "}");
  }

  private void binary(Binary binary) throws IOException {
    json.raw("{\"bool\":" + binary.returnBool() + ",\"lhs\":");
    expr(binary.left());
    json.raw(",\"matching\":");
    if (Types.of(binary.left()) == ValueType.SCALAR
        || Types.of(binary.right()) == ValueType.SCALAR) {
      json.raw("null");
    } else {
      matching(binary.matching());
    }
    json.raw(",\"op\":");
    json.string(binary.op().symbol());
    json.raw(",\"rhs\":");
    expr(binary.right());
    json.raw(",\"type\":\"binaryExpr\"}");
  }

  private void matching(VectorMatching matching) throws IOException {
    String cardinality = matching.cardinality().name().toLowerCase(Locale.ROOT).replace('_', '-');
    json.raw("{\"card\":\"" + cardinality + "\",\"include\":");
    json.strings(matching.include());
    json.raw(",\"labels\":");
    json.strings(matching.labels());
    json.raw(",\"on\":" + matching.on() + "}");
  }
}

package io.rafttsdb.promql.parse;

import io.rafttsdb.promql.ast.AggregateOp;
import io.rafttsdb.promql.ast.BinaryOp;
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
import io.rafttsdb.promql.ast.Quoting;
import io.rafttsdb.promql.ast.Span;
import io.rafttsdb.promql.ast.ValueType;
import io.rafttsdb.promql.ast.VectorMatching;
import io.rafttsdb.promql.ast.VectorMatching.Cardinality;
import io.rafttsdb.promql.function.Function;
import io.rafttsdb.promql.function.Functions;
import io.rafttsdb.promql.function.Signature;
import io.rafttsdb.storage.model.Matcher;

/**
 * Checks a tree's types, in Prometheus's order and words. What passes can be evaluated; what the
 * engine can't evaluate yet does not pass.
 */
final class Analyzer {

  private final String query;

  Analyzer(String query) {
    this.query = query;
  }

  /** Checks a node and all below it. */
  ValueType check(Expr expr) {
    return switch (expr) {
      case NumberLiteral _ -> ValueType.SCALAR;
      case StringLiteral _ -> ValueType.STRING;
      case VectorSelector selector -> selector(selector);
      case MatrixSelector matrix -> {
        selector(matrix.selector());
        yield ValueType.RANGE_VECTOR;
      }
      case Subquery subquery -> subquery(subquery);
      case Call call -> call(call);
      case Aggregation aggregation -> aggregation(aggregation);
      case Binary binary -> binary(binary);
      case Unary unary -> unary(unary);
      case Paren paren -> check(paren.inner());
    };
  }

  private ValueType selector(VectorSelector selector) {
    if (selector.matchers().stream().allMatch(Matcher::matchesEmpty)) {
      throw error(selector, "vector selector must contain at least one non-empty matcher");
    }
    return ValueType.INSTANT_VECTOR;
  }

  private ValueType subquery(Subquery subquery) {
    ValueType type = check(subquery.operand());
    if (type != ValueType.INSTANT_VECTOR) {
      throw error(
          subquery,
          "subquery is only allowed on instant vector, got " + shortWord(type) + " instead");
    }
    return ValueType.RANGE_VECTOR;
  }

  private static String shortWord(ValueType type) {
    return switch (type) {
      case SCALAR -> "scalar";
      case STRING -> "string";
      case INSTANT_VECTOR -> "vector";
      case RANGE_VECTOR -> "matrix";
    };
  }

  private ValueType call(Call call) {
    Function function = Functions.find(call.function());
    if (function == null) {
      throw error(call, "function " + call.function() + " is not supported yet");
    }
    Signature signature = function.signature();
    int count = call.arguments().size();
    if (count < signature.argumentsMin() || count > signature.argumentsMax()) {
      boolean fixed = signature.argumentsMin() == signature.argumentsMax();
      boolean few = count < signature.argumentsMin();
      throw error(
          call,
          "expected "
              + (fixed ? "" : few ? "at least " : "at most ")
              + (few ? signature.argumentsMin() : signature.argumentsMax())
              + " argument(s) in call to "
              + Quoting.quote(call.function())
              + ", got "
              + count);
    }
    for (int i = 0; i < count; i++) {
      expect(
          call.arguments().get(i),
          signature.argument(i),
          "call to function " + Quoting.quote(call.function()));
    }
    return signature.result();
  }

  private void expect(Expr expr, ValueType wanted, String context) {
    ValueType type = check(expr);
    if (type != wanted) {
      throw error(
          expr, "expected type " + wanted.words() + " in " + context + ", got " + type.words());
    }
  }

  private ValueType aggregation(Aggregation aggregation) {
    expect(aggregation.operand(), ValueType.INSTANT_VECTOR, "aggregation expression");
    Expr parameter = aggregation.parameter();
    AggregateOp op = aggregation.op();
    ValueType parameterType = op.parameterType();
    if (parameter != null && parameterType != null) {
      expect(parameter, parameterType, "aggregation parameter");
    }
    return ValueType.INSTANT_VECTOR;
  }

  private ValueType unary(Unary unary) {
    ValueType type = check(unary.operand());
    if (type != ValueType.SCALAR && type != ValueType.INSTANT_VECTOR) {
      throw error(
          unary,
          "unary expression only allowed on expressions of type scalar or instant vector, got "
              + Quoting.quote(type.words()));
    }
    return type;
  }

  private ValueType binary(Binary binary) {
    ValueType left = check(binary.left());
    ValueType right = check(binary.right());
    BinaryOp op = binary.op();
    if (binary.returnBool() && !op.isComparison()) {
      throw error(operator(binary), "bool modifier can only be used on comparison operators");
    }
    boolean scalars = left == ValueType.SCALAR && right == ValueType.SCALAR;
    if (op.isComparison() && !binary.returnBool() && scalars) {
      throw error(operator(binary), "comparisons between scalars must use BOOL modifier");
    }
    VectorMatching matching = binary.matching();
    for (String label : matching.labels()) {
      if (matching.on() && matching.include().contains(label)) {
        throw error(
            operator(binary),
            "label " + Quoting.quote(label) + " must not occur in ON and GROUP clause at once");
      }
    }
    checkOperand(binary.left(), left);
    checkOperand(binary.right(), right);
    boolean vectors = left == ValueType.INSTANT_VECTOR && right == ValueType.INSTANT_VECTOR;
    if (!vectors && !matching.labels().isEmpty()) {
      throw error(binary, "vector matching only allowed between instant vectors");
    }
    if (vectors && op.isSet() && matching.cardinality() != Cardinality.MANY_TO_MANY) {
      throw error(binary, "no grouping allowed for " + Quoting.quote(op.symbol()) + " operation");
    }
    if (!vectors && op.isSet()) {
      throw error(
          binary,
          "set operator "
              + Quoting.quote(op.symbol())
              + " not allowed in binary scalar expression");
    }
    return scalars ? ValueType.SCALAR : ValueType.INSTANT_VECTOR;
  }

  private void checkOperand(Expr operand, ValueType type) {
    if (type != ValueType.SCALAR && type != ValueType.INSTANT_VECTOR) {
      throw error(operand, "binary expression must contain only scalar and instant vector types");
    }
  }

  /** Where the operator of a binary expression stands. */
  private int operator(Binary binary) {
    int start = binary.left().span().end();
    while (start < query.length() && Character.isWhitespace(query.charAt(start))) {
      start++;
    }
    return start;
  }

  private ParseError error(Expr expr, String problem) {
    Span span = expr.span();
    return error(span.start(), problem);
  }

  private ParseError error(int offset, String problem) {
    return new ParseError(query, offset, problem);
  }
}

package io.rafttsdb.promql.parse;

import io.rafttsdb.promql.ast.AggregateOp;
import io.rafttsdb.promql.ast.BinaryOp;
import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.Aggregation;
import io.rafttsdb.promql.ast.Expr.Binary;
import io.rafttsdb.promql.ast.Expr.Call;
import io.rafttsdb.promql.ast.Expr.NumberLiteral;
import io.rafttsdb.promql.ast.Expr.Paren;
import io.rafttsdb.promql.ast.Expr.StringLiteral;
import io.rafttsdb.promql.ast.Expr.Unary;
import io.rafttsdb.promql.ast.Quoting;
import io.rafttsdb.promql.ast.Span;
import io.rafttsdb.promql.ast.ValueType;
import io.rafttsdb.promql.ast.VectorMatching;
import io.rafttsdb.promql.ast.VectorMatching.Cardinality;
import io.rafttsdb.promql.function.Functions;
import io.rafttsdb.promql.parse.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recursive descent over the tokens, precedence climbing over the binary operators. {@link
 * Selectors} reads selectors and what may follow an expression.
 */
public final class Parser {

  /** How many nodes may lie above one another; every pass over a tree recurses that deep. */
  public static final int DEPTH_MAX = 256;

  /** Longest query, in UTF-16 units. */
  public static final int LENGTH_MAX = 1 << 20;

  private static final Set<String> AGGREGATIONS_NOT_YET = Set.of("limitk", "limit_ratio");

  private final Tokens tokens;
  private final Selectors selectors;
  private int nesting;
  // Nodes above one another in the tree returned last: a long chain of operators is deep without
  // nesting.
  private int height;

  private Parser(Tokens tokens) {
    this.tokens = tokens;
    this.selectors = new Selectors(tokens);
  }

  /**
   * Parses and type-checks a query.
   *
   * @throws ParseError where the text is none that can be evaluated
   */
  public static Expr parse(String query) {
    if (query.length() > LENGTH_MAX) {
      throw new ParseError(
          query, 0, "query of " + query.length() + " characters, at most " + LENGTH_MAX);
    }
    Tokens tokens = new Tokens(query);
    if (tokens.peek().kind() == Kind.END) {
      throw tokens.error(0, "no expression found in input");
    }
    Expr expr = new Parser(tokens).binary(BinaryOp.LOOSEST);
    if (tokens.peek().kind() != Kind.END) {
      throw tokens.unexpected("", "");
    }
    new Analyzer(query).check(expr);
    return expr;
  }

  private Expr binary(int loosest) {
    if (++nesting > DEPTH_MAX) {
      throw tooDeep();
    }
    Expr left = unary();
    while (true) {
      BinaryOp op = operator(tokens.peek());
      if (op == null || op.precedence() < loosest) {
        nesting--;
        return left;
      }
      int leftHeight = height;
      tokens.take();
      boolean returnBool = tokens.takeWord("bool");
      VectorMatching matching = matching(op);
      Expr right = binary(op.isRightAssociative() ? op.precedence() : op.precedence() + 1);
      grow(Math.max(leftHeight, height));
      left = new Binary(op, left, right, returnBool, matching, left.span().to(right.span()));
    }
  }

  private void grow(int childHeight) {
    height = childHeight + 1;
    if (height > DEPTH_MAX) {
      throw tooDeep();
    }
  }

  private ParseError tooDeep() {
    return tokens.error(
        tokens.peek().start(), "expression is nested more than " + DEPTH_MAX + " levels deep");
  }

  private static @Nullable BinaryOp operator(Token token) {
    if (token.kind() != Kind.OPERATOR && token.kind() != Kind.WORD) {
      return null;
    }
    String text = token.text().toLowerCase(Locale.ROOT);
    for (BinaryOp op : BinaryOp.values()) {
      if (op.symbol().equals(text)) {
        return op;
      }
    }
    return null;
  }

  private VectorMatching matching(BinaryOp op) {
    boolean on = tokens.takeWord("on");
    List<String> labels = List.of();
    if (on || tokens.takeWord("ignoring")) {
      labels = groupingLabels();
    } else {
      return new VectorMatching(
          op.isSet() ? Cardinality.MANY_TO_MANY : Cardinality.ONE_TO_ONE, false, labels, labels);
    }
    boolean groupLeft = tokens.takeWord("group_left");
    if (groupLeft || tokens.takeWord("group_right")) {
      List<String> include =
          tokens.peek().kind() == Kind.LEFT_PAREN ? groupingLabels() : List.<String>of();
      return new VectorMatching(
          groupLeft ? Cardinality.MANY_TO_ONE : Cardinality.ONE_TO_MANY, on, labels, include);
    }
    return new VectorMatching(
        op.isSet() ? Cardinality.MANY_TO_MANY : Cardinality.ONE_TO_ONE, on, labels, List.of());
  }

  private List<String> groupingLabels() {
    tokens.take(Kind.LEFT_PAREN, "grouping opts", "\"(\"");
    List<String> labels = new ArrayList<>();
    while (!tokens.takeIf(Kind.RIGHT_PAREN)) {
      Token token = tokens.peek();
      switch (token.kind()) {
        case WORD -> labels.add(token.text());
        case STRING -> labels.add(selectors.labelName(token));
        default -> throw tokens.unexpected("grouping opts", "label");
      }
      tokens.take();
      if (!tokens.takeIf(Kind.COMMA) && tokens.peek().kind() != Kind.RIGHT_PAREN) {
        throw tokens.unexpected("grouping opts", "\",\" or \")\"");
      }
    }
    return labels;
  }

  private Expr unary() {
    Token sign = tokens.peek();
    boolean minus = sign.isOperator("-");
    if (!minus && !sign.isOperator("+")) {
      return selectors.suffixes(primary(), this::grow, () -> height);
    }
    tokens.take();
    Expr operand = binary(BinaryOp.POWER.precedence());
    Span span = sign.span().to(operand.span());
    if (operand instanceof NumberLiteral number) {
      double value = minus ? -number.value() : number.value();
      return new NumberLiteral(value, number.duration(), span);
    }
    grow(height);
    return new Unary(minus, operand, span);
  }

  private Expr primary() {
    height = 1;
    Token token = tokens.peek();
    return switch (token.kind()) {
      case NUMBER, DURATION -> {
        tokens.take();
        yield selectors.number(token);
      }
      case STRING -> {
        tokens.take();
        yield new StringLiteral(selectors.string(token), token.span());
      }
      case LEFT_PAREN -> paren(token);
      case LEFT_BRACE, METRIC_WORD -> selectors.vectorSelector();
      case WORD -> word(token);
      default -> throw tokens.unexpected("", "");
    };
  }

  private Expr paren(Token open) {
    tokens.take();
    Expr inner = binary(BinaryOp.LOOSEST);
    Token close = tokens.take(Kind.RIGHT_PAREN, "", "");
    grow(height);
    return new Paren(inner, open.span().to(close.span()));
  }

  private Expr word(Token word) {
    if (word.isReserved()) {
      throw tokens.unexpected("", "");
    }
    if (word.isWord("inf") || word.isWord("nan")) {
      tokens.take();
      double value = word.isWord("inf") ? Double.POSITIVE_INFINITY : Double.NaN;
      return new NumberLiteral(value, false, word.span());
    }
    Token after = tokens.peekSecond();
    AggregateOp op = AggregateOp.of(word.text());
    boolean grouped = after.isWord("by") || after.isWord("without");
    if (op != null && (grouped || after.kind() == Kind.LEFT_PAREN)) {
      return aggregation(op);
    }
    boolean unsupported =
        grouped && AGGREGATIONS_NOT_YET.contains(word.text().toLowerCase(Locale.ROOT));
    if (unsupported || after.kind() == Kind.LEFT_PAREN) {
      return call();
    }
    return selectors.vectorSelector();
  }

  private Expr call() {
    Token name = tokens.take();
    if (AGGREGATIONS_NOT_YET.contains(name.text().toLowerCase(Locale.ROOT))) {
      throw tokens.error(name.start(), "aggregation " + name.text() + " is not supported yet");
    }
    if (!Functions.isKnown(name.text())) {
      throw tokens.error(name.start(), "unknown function with name " + Quoting.quote(name.text()));
    }
    List<Expr> arguments = arguments();
    Span span = name.span().to(tokens.last().span());
    return new Call(name.text(), arguments, span);
  }

  private List<Expr> arguments() {
    tokens.take(Kind.LEFT_PAREN, "", "");
    List<Expr> arguments = new ArrayList<>();
    int tallest = 0;
    while (!tokens.takeIf(Kind.RIGHT_PAREN)) {
      arguments.add(binary(BinaryOp.LOOSEST));
      tallest = Math.max(tallest, height);
      if (tokens.takeIf(Kind.COMMA)) {
        if (tokens.peek().kind() == Kind.RIGHT_PAREN) {
          throw tokens.error(
              tokens.last().start(), "trailing commas not allowed in function call args");
        }
      } else if (tokens.peek().kind() != Kind.RIGHT_PAREN) {
        throw tokens.unexpected("", "");
      }
    }
    grow(tallest);
    return arguments;
  }

  private Expr aggregation(AggregateOp op) {
    Token word = tokens.take();
    @Nullable Token modifier = grouping();
    List<String> labels = modifier == null ? List.<String>of() : groupingLabels();
    List<Expr> arguments = arguments();
    if (modifier == null) {
      modifier = grouping();
      labels = modifier == null ? List.<String>of() : groupingLabels();
    }
    Span span = word.span().to(tokens.last().span());
    ValueType parameterType = op.parameterType();
    int wanted = parameterType == null ? 1 : 2;
    if (arguments.isEmpty()) {
      throw tokens.error(span.start(), "no arguments for aggregate expression provided");
    }
    if (arguments.size() != wanted) {
      throw tokens.error(
          span.start(),
          "wrong number of arguments for aggregate expression provided, expected "
              + wanted
              + ", got "
              + arguments.size());
    }
    return new Aggregation(
        op,
        wanted == 2 ? arguments.getFirst() : null,
        arguments.getLast(),
        modifier != null && modifier.isWord("without"),
        labels,
        span);
  }

  private @Nullable Token grouping() {
    Token token = tokens.peek();
    return token.isWord("by") || token.isWord("without") ? tokens.take() : null;
  }
}

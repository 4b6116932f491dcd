package io.rafttsdb.promql.parse;

import io.rafttsdb.promql.ast.DurationText;
import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.MatrixSelector;
import io.rafttsdb.promql.ast.Expr.NumberLiteral;
import io.rafttsdb.promql.ast.Expr.Subquery;
import io.rafttsdb.promql.ast.Expr.VectorSelector;
import io.rafttsdb.promql.ast.Modifiers;
import io.rafttsdb.promql.ast.Modifiers.At;
import io.rafttsdb.promql.ast.NumberText;
import io.rafttsdb.promql.ast.Quoting;
import io.rafttsdb.promql.ast.Span;
import io.rafttsdb.promql.parse.Token.Kind;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/** Reads selectors, literals, and the ranges and modifiers that follow an expression. */
final class Selectors {

  /** Farthest time from 1970 that an {@code @} may name, so that no sum of times overflows. */
  static final double AT_SECONDS_MAX = 1e15;

  private final Tokens tokens;

  Selectors(Tokens tokens) {
    this.tokens = tokens;
  }

  Expr vectorSelector() {
    Token first = tokens.peek();
    List<Matcher> matchers = new ArrayList<>();
    if (first.kind() != Kind.LEFT_BRACE) {
      tokens.take();
      matchers.add(new Matcher(Matcher.Type.EQUAL, Labels.METRIC_NAME, first.text()));
    }
    if (tokens.takeIf(Kind.LEFT_BRACE)) {
      while (!tokens.takeIf(Kind.RIGHT_BRACE)) {
        matchers.add(matcher());
        if (!tokens.takeIf(Kind.COMMA) && tokens.peek().kind() != Kind.RIGHT_BRACE) {
          throw tokens.unexpected("label matching", "\",\" or \"}\"");
        }
      }
    }
    Span span = first.span().to(tokens.last().span());
    if (first.kind() != Kind.LEFT_BRACE) {
      checkOneName(first, matchers);
    }
    return new VectorSelector(matchers, Modifiers.NONE, span);
  }

  private void checkOneName(Token name, List<Matcher> matchers) {
    for (Matcher matcher : matchers.subList(1, matchers.size())) {
      if (matcher.name().equals(Labels.METRIC_NAME)) {
        throw tokens.error(
            name.start(),
            "metric name must not be set twice: "
                + Quoting.quote(name.text())
                + " or "
                + Quoting.quote(matcher.value()));
      }
    }
  }

  private Matcher matcher() {
    Token label = tokens.peek();
    if (label.kind() != Kind.WORD && label.kind() != Kind.STRING) {
      throw tokens.unexpected("label matching", "identifier or \"}\"");
    }
    tokens.take();
    Kind next = tokens.peek().kind();
    if (label.kind() == Kind.STRING && (next == Kind.COMMA || next == Kind.RIGHT_BRACE)) {
      return new Matcher(Matcher.Type.EQUAL, Labels.METRIC_NAME, string(label));
    }
    Matcher.Type type =
        switch (tokens.peek()) {
          case Token(Kind kind, var _, var _) when kind == Kind.ASSIGN -> Matcher.Type.EQUAL;
          case Token(Kind kind, var _, var _) when kind == Kind.REGEX -> Matcher.Type.REGEX;
          case Token(Kind kind, var _, var _) when kind == Kind.NOT_REGEX -> Matcher.Type.NOT_REGEX;
          case Token token when token.isOperator("!=") -> Matcher.Type.NOT_EQUAL;
          default -> throw tokens.unexpected("label matching", "label matching operator");
        };
    tokens.take();
    Token value = tokens.take(Kind.STRING, "label matching", "string");
    String name = label.kind() == Kind.STRING ? labelName(label) : label.text();
    try {
      return new Matcher(type, name, string(value));
    } catch (IllegalArgumentException e) {
      throw tokens.error(label.start(), String.valueOf(e.getMessage()));
    }
  }

  /** Value of a string token. */
  String string(Token token) {
    try {
      return Literals.string(token.text());
    } catch (IllegalArgumentException e) {
      throw tokens.error(token.start(), String.valueOf(e.getMessage()));
    }
  }

  /** Label name of a string token. */
  String labelName(Token token) {
    String name = string(token);
    if (name.isEmpty()) {
      throw tokens.error(token.start(), "invalid label name \"\"");
    }
    return name;
  }

  /** Value of a number, or of a duration in seconds. */
  NumberLiteral number(Token token) {
    try {
      return token.kind() == Kind.DURATION
          ? new NumberLiteral(DurationText.parseMs(token.text()) / 1000.0, true, token.span())
          : new NumberLiteral(Literals.number(token.text()), false, token.span());
    } catch (IllegalArgumentException e) {
      throw tokens.error(token.start(), String.valueOf(e.getMessage()));
    }
  }

  /**
   * Reads whatever ranges and modifiers follow.
   *
   * @param grow told the height of an expression that gets one more level
   * @param height height of the expression so far
   */
  Expr suffixes(Expr first, IntConsumer grow, IntSupplier height) {
    Expr expr = first;
    while (true) {
      Token token = tokens.peek();
      if (token.kind() == Kind.LEFT_BRACKET) {
        expr = range(expr);
        grow.accept(height.getAsInt());
      } else if (token.isWord("offset")) {
        tokens.take();
        expr = withOffset(expr, signedDurationMs());
      } else if (token.kind() == Kind.AT) {
        tokens.take();
        expr = withAt(expr, at(expr));
      } else {
        return expr;
      }
    }
  }

  private Expr range(Expr expr) {
    Token open = tokens.take();
    long rangeMs = positiveDurationMs(duration("subquery or range selector", "number or duration"));
    if (tokens.takeIf(Kind.COLON)) {
      long stepMs = 0;
      if (tokens.peek().kind() != Kind.RIGHT_BRACKET) {
        stepMs = positiveDurationMs(duration("subquery selector", "number or duration or \"]\""));
      }
      Token close = tokens.take(Kind.RIGHT_BRACKET, "subquery selector", "\"]\"");
      return new Subquery(expr, rangeMs, stepMs, Modifiers.NONE, expr.span().to(close.span()));
    }
    Token close = tokens.take(Kind.RIGHT_BRACKET, "subquery or range", "\":\" or \"]\"");
    if (!(expr instanceof VectorSelector selector)) {
      throw tokens.error(open.start(), "ranges only allowed for vector selectors");
    }
    if (selector.modifiers().offsetMs() != 0) {
      throw tokens.error(open.start(), "no offset modifiers allowed before range");
    }
    if (selector.modifiers().at() != null) {
      throw tokens.error(open.start(), "no @ modifiers allowed before range");
    }
    return new MatrixSelector(selector, rangeMs, expr.span().to(close.span()));
  }

  private Token duration(String context, String expected) {
    Token token = tokens.peek();
    if (token.kind() != Kind.NUMBER && token.kind() != Kind.DURATION) {
      if (token.kind() == Kind.OPERATOR || token.kind() == Kind.LEFT_PAREN) {
        throw tokens.error(token.start(), "duration expressions are not supported yet");
      }
      throw tokens.unexpected(context, expected);
    }
    return tokens.take();
  }

  private long positiveDurationMs(Token token) {
    long durationMs = durationMs(token);
    if (durationMs <= 0) {
      throw tokens.error(token.start(), "duration must be greater than 0");
    }
    Token next = tokens.peek();
    if (next.kind() == Kind.OPERATOR || next.kind() == Kind.LEFT_PAREN) {
      throw tokens.error(next.start(), "duration expressions are not supported yet");
    }
    return durationMs;
  }

  private long durationMs(Token token) {
    double seconds = number(token).value();
    if (!(Math.abs(seconds) <= DurationText.MAX_MS / 1000.0)) {
      throw tokens.error(token.start(), "duration out of range");
    }
    return Math.round(seconds * 1000);
  }

  private boolean takeSign() {
    if (tokens.peek().isOperator("-")) {
      tokens.take();
      return true;
    }
    if (tokens.peek().isOperator("+")) {
      tokens.take();
    }
    return false;
  }

  private long signedDurationMs() {
    boolean minus = takeSign();
    long durationMs = durationMs(duration("offset", "number or duration"));
    return minus ? -durationMs : durationMs;
  }

  private At at(Expr expr) {
    Token token = tokens.peek();
    boolean start = token.isWord("start");
    if (start || token.isWord("end")) {
      tokens.take();
      tokens.take(Kind.LEFT_PAREN, "@", "timestamp");
      tokens.take(Kind.RIGHT_PAREN, "@", "timestamp");
      return start ? new At.Start() : new At.End();
    }
    boolean minus = takeSign();
    Token number = tokens.peek();
    double seconds;
    if (number.kind() == Kind.NUMBER || number.kind() == Kind.DURATION) {
      seconds = number(tokens.take()).value();
    } else if (number.isWord("inf") || number.isWord("nan")) {
      seconds = number.isWord("nan") ? Double.NaN : Double.POSITIVE_INFINITY;
    } else {
      throw tokens.unexpected("@", "timestamp");
    }
    if (!(seconds <= AT_SECONDS_MAX)) {
      throw tokens.error(
          expr.span().start(),
          "timestamp out of bounds for @ modifier: "
              + NumberText.plain(minus ? -seconds : seconds));
    }
    return new At.Time(Math.round((minus ? -seconds : seconds) * 1000));
  }

  private Expr withOffset(Expr expr, long offsetMs) {
    Modifiers modifiers =
        modifiers(
            expr,
            "offset modifier must be preceded by an instant vector selector or range vector"
                + " selector or a subquery");
    if (modifiers.offsetMs() != 0) {
      throw tokens.error(expr.span().start(), "offset may not be set multiple times");
    }
    return with(expr, new Modifiers(offsetMs, modifiers.at()));
  }

  private Expr withAt(Expr expr, At at) {
    Modifiers modifiers =
        modifiers(
            expr,
            "@ modifier must be preceded by an instant vector selector or range vector selector"
                + " or a subquery");
    if (modifiers.at() != null) {
      throw tokens.error(expr.span().start(), "@ <timestamp> may not be set multiple times");
    }
    return with(expr, new Modifiers(modifiers.offsetMs(), at));
  }

  private Modifiers modifiers(Expr expr, String problem) {
    return switch (expr) {
      case VectorSelector selector -> selector.modifiers();
      case MatrixSelector matrix -> matrix.selector().modifiers();
      case Subquery subquery -> subquery.modifiers();
      default -> throw tokens.error(expr.span().start(), problem);
    };
  }

  /** The same selector or subquery, longer by the modifier just read. */
  private Expr with(Expr expr, Modifiers modifiers) {
    Span span = expr.span().to(tokens.last().span());
    return switch (expr) {
      case VectorSelector selector -> new VectorSelector(selector.matchers(), modifiers, span);
      case MatrixSelector(VectorSelector selector, long rangeMs, Span _) ->
          new MatrixSelector(
              new VectorSelector(selector.matchers(), modifiers, selector.span()), rangeMs, span);
      case Subquery(Expr operand, long rangeMs, long stepMs, Modifiers _, Span _) ->
          new Subquery(operand, rangeMs, stepMs, modifiers, span);
      default -> throw new IllegalStateException("modifier on " + expr);
    };
  }
}

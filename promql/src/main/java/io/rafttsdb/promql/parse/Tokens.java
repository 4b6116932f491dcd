package io.rafttsdb.promql.parse;

import io.rafttsdb.promql.parse.Token.Kind;
import java.util.List;

/** The tokens of a query with the place that the parser has reached. */
final class Tokens {

  private final String query;
  private final List<Token> tokens;
  private int at;

  Tokens(String query) {
    this.query = query;
    this.tokens = Lexer.tokens(query);
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peekSecond() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  /** The token taken last. */
  Token last() {
    return tokens.get(Math.max(at - 1, 0));
  }

  Token take() {
    Token token = tokens.get(at);
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  /** Takes a token that must be of a kind; the other two are for the message. */
  Token take(Kind kind, String context, String expected) {
    if (peek().kind() != kind) {
      throw unexpected(context, expected);
    }
    return take();
  }

  boolean takeIf(Kind kind) {
    if (peek().kind() != kind) {
      return false;
    }
    take();
    return true;
  }

  boolean takeWord(String lowerCase) {
    if (!peek().isWord(lowerCase)) {
      return false;
    }
    take();
    return true;
  }

  /** The next token can't stand here. */
  ParseError unexpected(String context, String expected) {
    return error(
        peek().start(),
        "unexpected "
            + peek().describe()
            + (context.isEmpty() ? "" : " in " + context)
            + (expected.isEmpty() ? "" : ", expected " + expected));
  }

  ParseError error(int offset, String problem) {
    return new ParseError(query, offset, problem);
  }
}

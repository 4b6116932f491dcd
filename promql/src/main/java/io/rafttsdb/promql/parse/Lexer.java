package io.rafttsdb.promql.parse;

import io.rafttsdb.promql.ast.Quoting;
import io.rafttsdb.promql.parse.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a query into tokens. What a colon or a word means depends on the brackets around it, so it
 * keeps count of them.
 */
final class Lexer {

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private boolean inBraces;
  private boolean inBrackets;
  private int parens;

  private Lexer(String text) {
    this.text = text;
  }

  /** All tokens of a text; the last is {@link Kind#END}. */
  static List<Token> tokens(String text) {
    Lexer lexer = new Lexer(text);
    while (lexer.next()) {
      // Each call adds one token.
    }
    return lexer.tokens;
  }

  private boolean next() {
    skipSpaceAndComments();
    if (at == text.length()) {
      checkClosed();
      tokens.add(new Token(Kind.END, "", at));
      return false;
    }
    char c = text.charAt(at);
    if (inBraces) {
      insideBraces(c);
    } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
      number();
    } else if (isWordStart(c)) {
      word(!inBrackets);
    } else if (c == '"' || c == '\'' || c == '`') {
      string(c);
    } else {
      punctuation(c);
    }
    return true;
  }

  private void skipSpaceAndComments() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        int lineEnd = text.indexOf('\n', at);
        at = lineEnd < 0 ? text.length() : lineEnd;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        at++;
      } else {
        return;
      }
    }
  }

  private void checkClosed() {
    if (inBraces) {
      throw error(at, "unexpected end of input inside braces");
    }
    if (inBrackets) {
      throw error(at, "unclosed left bracket");
    }
    if (parens > 0) {
      throw error(at, "unclosed left parenthesis");
    }
  }

  private void insideBraces(char c) {
    if (isWordStart(c)) {
      word(false);
    } else if (c == '"' || c == '\'' || c == '`') {
      string(c);
    } else {
      switch (c) {
        case ',' -> add(Kind.COMMA, 1);
        case '}' -> {
          inBraces = false;
          add(Kind.RIGHT_BRACE, 1);
        }
        case '{' -> throw error(at, "unexpected left brace '{'");
        case '=' -> {
          if (peek(1) == '~') {
            add(Kind.REGEX, 2);
          } else {
            add(Kind.ASSIGN, 1);
          }
        }
        case '!' -> {
          if (peek(1) == '~') {
            add(Kind.NOT_REGEX, 2);
          } else if (peek(1) == '=') {
            add(Kind.OPERATOR, 2);
          } else {
            throw error(at, "unexpected character after '!' inside braces: " + shown(at + 1));
          }
        }
        default -> throw error(at, "unexpected character inside braces: " + shown(at));
      }
    }
  }

  private void punctuation(char c) {
    switch (c) {
      case ',' -> add(Kind.COMMA, 1);
      case '(' -> {
        parens++;
        add(Kind.LEFT_PAREN, 1);
      }
      case ')' -> {
        if (--parens < 0) {
          throw error(at + 1, "unexpected right parenthesis ')'");
        }
        add(Kind.RIGHT_PAREN, 1);
      }
      case '{' -> {
        inBraces = true;
        add(Kind.LEFT_BRACE, 1);
      }
      case '[' -> {
        if (inBrackets) {
          throw error(at, "unexpected left bracket '['");
        }
        inBrackets = true;
        add(Kind.LEFT_BRACKET, 1);
      }
      case ']' -> {
        if (!inBrackets) {
          throw error(at, "unexpected right bracket ']'");
        }
        inBrackets = false;
        add(Kind.RIGHT_BRACKET, 1);
      }
      case ':' -> {
        if (!inBrackets) {
          word(true);
        } else {
          add(Kind.COLON, 1);
        }
      }
      case '@' -> add(Kind.AT, 1);
      case '+', '-', '*', '/', '%', '^' -> add(Kind.OPERATOR, 1);
      case '=' -> equalsSign();
      case '!' -> {
        if (peek(1) != '=') {
          throw error(at, "unexpected character after '!': " + shown(at + 1));
        }
        add(Kind.OPERATOR, 2);
      }
      case '<', '>' -> add(Kind.OPERATOR, peek(1) == '=' ? 2 : 1);
      default -> throw error(at, "unexpected character: " + shown(at));
    }
  }

  private void equalsSign() {
    switch (peek(1)) {
      case '=' -> add(Kind.OPERATOR, 2);
      case '~' -> throw error(at, "unexpected character after '=': '~'");
      default -> add(Kind.ASSIGN, 1);
    }
  }

  private void word(boolean colons) {
    int end = at;
    boolean hasColon = false;
    while (end < text.length()
        && (isWordPart(text.charAt(end)) || (colons && text.charAt(end) == ':'))) {
      hasColon |= text.charAt(end) == ':';
      end++;
    }
    add(hasColon ? Kind.METRIC_WORD : Kind.WORD, end - at);
  }

  private void string(char quote) {
    int end = at + 1;
    while (end < text.length() && text.charAt(end) != quote) {
      if (quote != '`') {
        if (text.charAt(end) == '\n') {
          throw error(at, "unterminated quoted string");
        }
        if (text.charAt(end) == '\\') {
          end++;
        }
      }
      end++;
    }
    if (end >= text.length()) {
      throw error(at, quote == '`' ? "unterminated raw string" : "unterminated quoted string");
    }
    add(Kind.STRING, end + 1 - at);
  }

  private void number() {
    int end = numberEnd();
    if (end < text.length() && isWordPart(text.charAt(end))) {
      int durationEnd = end;
      while (durationEnd < text.length() && isWordPart(text.charAt(durationEnd))) {
        durationEnd++;
      }
      if (!isDuration(text.substring(at, durationEnd))) {
        throw error(
            at, "bad number or duration syntax: " + Quoting.quote(text.substring(at, durationEnd)));
      }
      add(Kind.DURATION, durationEnd - at);
    } else {
      add(Kind.NUMBER, end - at);
    }
  }

  private int numberEnd() {
    int end = at;
    if (text.charAt(at) == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
      end = at + 2;
      while (end < text.length()
          && (Character.digit(text.charAt(end), 16) >= 0 || text.charAt(end) == '_')) {
        end++;
      }
      return end;
    }
    end = digitsEnd(end);
    if (end < text.length() && text.charAt(end) == '.') {
      end = digitsEnd(end + 1);
    }
    if (end < text.length() && (text.charAt(end) == 'e' || text.charAt(end) == 'E')) {
      int exponent = end + 1;
      if (exponent < text.length()
          && (text.charAt(exponent) == '+' || text.charAt(exponent) == '-')) {
        exponent++;
      }
      if (exponent < text.length() && isDigit(text.charAt(exponent))) {
        end = digitsEnd(exponent);
      }
    }
    return end;
  }

  private int digitsEnd(int from) {
    int end = from;
    while (end < text.length() && (isDigit(text.charAt(end)) || text.charAt(end) == '_')) {
      end++;
    }
    return end;
  }

  /** Digits and units in turn; whether the units are right is for the parser to say. */
  private static boolean isDuration(String word) {
    int position = 0;
    while (position < word.length()) {
      int digits = position;
      while (position < word.length() && isDigit(word.charAt(position))) {
        position++;
      }
      int unit = position;
      while (position < word.length() && "smhdwy".indexOf(word.charAt(position)) >= 0) {
        position++;
      }
      if (unit == digits || position == unit) {
        return false;
      }
    }
    return !word.isEmpty();
  }

  private void add(Kind kind, int length) {
    tokens.add(new Token(kind, text.substring(at, at + length), at));
    at += length;
  }

  /** The character some places ahead, or 0 where the text ends before it. */
  private char peek(int ahead) {
    return at + ahead < text.length() ? text.charAt(at + ahead) : 0;
  }

  private String shown(int offset) {
    if (offset >= text.length()) {
      return "end of input";
    }
    return "'" + Character.toString(text.codePointAt(offset)) + "'";
  }

  private ParseError error(int offset, String problem) {
    return new ParseError(text, offset, problem);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWordStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isWordPart(char c) {
    return isWordStart(c) || isDigit(c);
  }
}

package io.rafttsdb.promql.parse;

import io.rafttsdb.promql.ast.Quoting;
import io.rafttsdb.promql.ast.Span;
import java.util.Locale;
import java.util.Set;

/**
 * A word of the query.
 *
 * @param text as written; for strings with their quotes
 */
record Token(Kind kind, String text, int start) {

  enum Kind {
    END("end of input"),
    /** A name without a colon; keywords too, which only their place tells from names. */
    WORD("identifier"),
    /** A name with a colon, which only a metric can have. */
    METRIC_WORD("metric identifier"),
    NUMBER("number"),
    DURATION("duration"),
    STRING("string"),
    LEFT_PAREN("left parenthesis"),
    RIGHT_PAREN("right parenthesis"),
    LEFT_BRACE("left brace"),
    RIGHT_BRACE("right brace"),
    LEFT_BRACKET("left bracket"),
    RIGHT_BRACKET("right bracket"),
    COMMA("comma"),
    COLON("colon"),
    AT("@"),
    ASSIGN("="),
    REGEX("=~"),
    NOT_REGEX("!~"),
    OPERATOR("operator");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  private static final Set<String> OPERATOR_WORDS = Set.of("and", "or", "unless", "atan2");
  private static final Set<String> KEYWORDS =
      Set.of("by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset");

  Span span() {
    return new Span(start, start + text.length());
  }

  boolean isWord(String lowerCase) {
    return kind == Kind.WORD && text.equalsIgnoreCase(lowerCase);
  }

  boolean isOperator(String symbol) {
    return kind == Kind.OPERATOR && text.equals(symbol);
  }

  /** Whether it is a word that can't name a metric or function. */
  boolean isReserved() {
    String word = text.toLowerCase(Locale.ROOT);
    return kind == Kind.WORD
        && switch (word) {
          case "on", "ignoring", "group_left", "group_right", "bool", "atan2" -> true;
          default -> false;
        };
  }

  /** For messages, as Prometheus names it. */
  String describe() {
    return switch (kind) {
      case END -> "end of input";
      case OPERATOR, REGEX, NOT_REGEX -> "<op:" + text + ">";
      case WORD -> describeWord();
      case METRIC_WORD -> kind.words + " " + Quoting.quote(text);
      case NUMBER, DURATION, STRING -> kind.words + " " + shortened();
      case LEFT_PAREN,
          RIGHT_PAREN,
          LEFT_BRACE,
          RIGHT_BRACE,
          LEFT_BRACKET,
          RIGHT_BRACKET,
          COMMA,
          COLON,
          AT,
          ASSIGN ->
          Quoting.quote(text);
    };
  }

  private String describeWord() {
    String word = text.toLowerCase(Locale.ROOT);
    if (OPERATOR_WORDS.contains(word)) {
      return "<op:" + text + ">";
    }
    if (KEYWORDS.contains(word)) {
      return "<" + text + ">";
    }
    return kind.words + " " + Quoting.quote(text);
  }

  private String shortened() {
    return text.length() > 10 ? Quoting.quote(text.substring(0, 10)) + "..." : Quoting.quote(text);
  }
}

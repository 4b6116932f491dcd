package io.rafttsdb.storage.index;

import io.rafttsdb.storage.model.Matcher;
import java.util.HashSet;
import java.util.Set;

/**
 * The condition that a matcher sets for the values of its label, with what is known beforehand of
 * the values that fulfil it. A negative matcher is the same condition, negated by {@link
 * IndexQuery}.
 */
sealed interface ValueTest {

  boolean accepts(String value);

  /** What every accepted value begins with. */
  default String commonPrefix() {
    return "";
  }

  /** Exactly these values. */
  record Literals(Set<String> values) implements ValueTest {
    @Override
    public boolean accepts(String value) {
      return values.contains(value);
    }
  }

  /** Any value, the empty one included: {@code .*}. */
  record Everything() implements ValueTest {
    @Override
    public boolean accepts(String value) {
      return true;
    }
  }

  /** Any value but the empty one: {@code .+}. */
  record NonEmpty() implements ValueTest {
    @Override
    public boolean accepts(String value) {
      return !value.isEmpty();
    }
  }

  /** Values with a prefix that an expression matches; the prefix spares most of the matching. */
  record Expression(String prefix, Matcher regex) implements ValueTest {
    @Override
    public boolean accepts(String value) {
      return value.startsWith(prefix) && regex.matches(value);
    }

    @Override
    public String commonPrefix() {
      return prefix;
    }
  }

  /** Values that the test does not accept. */
  record Not(ValueTest test) implements ValueTest {
    @Override
    public boolean accepts(String value) {
      return !test.accepts(value);
    }
  }

  /** The condition of a matcher, without its negation. */
  static ValueTest of(Matcher matcher) {
    return switch (matcher.type()) {
      case EQUAL, NOT_EQUAL -> new Literals(Set.of(matcher.value()));
      case REGEX -> ofRegex(matcher);
      case NOT_REGEX -> ofRegex(new Matcher(Matcher.Type.REGEX, matcher.name(), matcher.value()));
    };
  }

  private static ValueTest ofRegex(Matcher regex) {
    String expression = regex.value();
    if (expression.equals(".*")) {
      return new Everything();
    }
    if (expression.equals(".+")) {
      return new NonEmpty();
    }
    Set<String> literals = new HashSet<>();
    String inner = withoutGroup(expression);
    for (int start = 0; start <= inner.length(); ) {
      StringBuilder literal = new StringBuilder();
      int end = readLiteral(inner, start, literal);
      if (end < inner.length() && inner.charAt(end) != '|') {
        return new Expression(prefixOf(expression), regex);
      }
      literals.add(literal.toString());
      start = end + 1;
    }
    return new Literals(Set.copyOf(literals));
  }

  /** Expression without a group around the whole of it; what remains decides whether it was one. */
  private static String withoutGroup(String expression) {
    for (String open : new String[] {"(?:", "("}) {
      if (expression.startsWith(open) && expression.endsWith(")")) {
        return expression.substring(open.length(), expression.length() - 1);
      }
    }
    return expression;
  }

  /** What every match of an expression begins with; empty where that is not plain to see. */
  private static String prefixOf(String expression) {
    if (expression.indexOf('|') >= 0) {
      return "";
    }
    StringBuilder literal = new StringBuilder();
    int end = readLiteral(expression, 0, literal);
    boolean repeats = end < expression.length() && "*+?{".indexOf(expression.charAt(end)) >= 0;
    if (repeats && !literal.isEmpty()) {
      literal.setLength(literal.offsetByCodePoints(literal.length(), -1));
    }
    return literal.toString();
  }

  /** Appends the literal characters from a place on, and returns where they end. */
  private static int readLiteral(String expression, int from, StringBuilder literal) {
    int at = from;
    while (at < expression.length()) {
      char c = expression.charAt(at);
      if (c == '\\' && at + 1 < expression.length() && isPunctuation(expression.charAt(at + 1))) {
        at++;
        c = expression.charAt(at);
      } else if ("\\.+*?()|[]{}^$".indexOf(c) >= 0) {
        break;
      }
      literal.append(c);
      at++;
    }
    return at;
  }

  private static boolean isPunctuation(char c) {
    return c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c);
  }
}

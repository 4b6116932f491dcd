package io.rafttsdb.storage.model;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * One condition on a label. A label that a series lacks has the empty value. Regular expressions
 * follow RE2's rules, match the whole value, and a dot matches a newline too.
 */
public final class Matcher {

  /** How the value is compared; {@link #symbol} is PromQL's operator. */
  public enum Type {
    EQUAL("="),
    NOT_EQUAL("!="),
    REGEX("=~"),
    NOT_REGEX("!~");

    private final String symbol;

    Type(String symbol) {
      this.symbol = symbol;
    }

    public String symbol() {
      return symbol;
    }
  }

  private final Type type;
  private final String name;
  private final String value;
  private final @Nullable Pattern pattern;

  /**
   * @throws IllegalArgumentException where a regular expression can't be parsed
   */
  public Matcher(Type type, String name, String value) {
    this.type = type;
    this.name = name;
    this.value = value;
    this.pattern =
        switch (type) {
          case EQUAL, NOT_EQUAL -> null;
          case REGEX, NOT_REGEX -> compile(value);
        };
  }

  private static Pattern compile(String expression) {
    try {
      return Pattern.compile("^(?s:" + expression + ")$");
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "error parsing regexp: " + e.getDescription() + ": `" + e.getPattern() + "`", e);
    }
  }

  public Type type() {
    return type;
  }

  /** The label's name. */
  public String name() {
    return name;
  }

  /** The value or expression that it is compared with. */
  public String value() {
    return value;
  }

  public boolean matches(String labelValue) {
    return switch (type) {
      case EQUAL -> value.equals(labelValue);
      case NOT_EQUAL -> !value.equals(labelValue);
      case REGEX -> matchesPattern(labelValue);
      case NOT_REGEX -> !matchesPattern(labelValue);
    };
  }

  /** Whether a series without this label fulfils the condition. */
  public boolean matchesEmpty() {
    return matches("");
  }

  private boolean matchesPattern(String labelValue) {
    Pattern compiled = pattern;
    return compiled != null && compiled.matcher(labelValue).matches();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Matcher matcher
        && type == matcher.type
        && name.equals(matcher.name)
        && value.equals(matcher.value);
  }

  @Override
  public int hashCode() {
    return (type.hashCode() * 31 + name.hashCode()) * 31 + value.hashCode();
  }

  /** As PromQL writes it: {@code job=~"a|b"}. */
  @Override
  public String toString() {
    return name + type.symbol + "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}

package io.rafttsdb.promql.ast;

import java.util.Set;
import java.util.regex.Pattern;

/** Strings and names as PromQL text. */
public final class Quoting {

  /** Words with a meaning of their own, in lower case; a metric of such a name prints quoted. */
  static final Set<String> WORDS =
      Set.of(
          "and",
          "or",
          "unless",
          "atan2",
          "by",
          "without",
          "on",
          "ignoring",
          "group_left",
          "group_right",
          "bool",
          "offset",
          "inf",
          "nan",
          "start",
          "end",
          "sum",
          "avg",
          "min",
          "max",
          "count",
          "group",
          "stddev",
          "stdvar",
          "topk",
          "bottomk",
          "quantile",
          "count_values",
          "limitk",
          "limit_ratio");

  private static final Pattern LABEL_NAME = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");
  private static final Pattern METRIC_NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");

  private Quoting() {}

  /** Whether a label may be written without quotes. */
  public static boolean isPlainLabelName(String name) {
    return LABEL_NAME.matcher(name).matches();
  }

  /** Whether a metric's name may be written without quotes. */
  public static boolean isPlainMetricName(String name) {
    return METRIC_NAME.matcher(name).matches();
  }

  /** In double quotes, with the escapes that the lexer reads back. */
  public static String quote(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (c < ' ' || c == 0x7f) {
            quoted.append("\\x").append(Character.forDigit(c >> 4, 16));
            quoted.append(Character.forDigit(c & 15, 16));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  /** A label's name, quoted where it has to be. */
  public static String labelName(String name) {
    return isPlainLabelName(name) ? name : quote(name);
  }
}

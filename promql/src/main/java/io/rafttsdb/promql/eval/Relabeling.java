package io.rafttsdb.promql.eval;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.Call;
import io.rafttsdb.promql.ast.Expr.StringLiteral;
import io.rafttsdb.promql.value.EvaluationError;
import io.rafttsdb.promql.value.SeriesSink;
import io.rafttsdb.storage.model.Labels;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;

/** Evaluates label_replace and label_join, which change label sets and leave values alone. */
final class Relabeling {

  private Relabeling() {}

  static void replace(Evaluator evaluator, Call call, Grid grid, SeriesSink sink) {
    String target = text(call, 1);
    Template template = new Template(text(call, 2));
    String source = text(call, 3);
    Pattern pattern;
    try {
      pattern = Pattern.compile("^(?s:" + text(call, 4) + ")$");
    } catch (PatternSyntaxException e) {
      throw new EvaluationError(
          "invalid regular expression in label_replace(): " + text(call, 4), e);
    }
    if (target.isEmpty()) {
      throw new EvaluationError("invalid destination label name in label_replace(): " + target);
    }
    each(
        evaluator,
        call,
        grid,
        sink,
        labels -> {
          Matcher match = pattern.matcher(labels.get(source));
          return match.matches()
              ? labels.toBuilder().set(target, template.expand(match, pattern)).build()
              : labels;
        });
  }

  static void join(Evaluator evaluator, Call call, Grid grid, SeriesSink sink) {
    String target = text(call, 1);
    String separator = text(call, 2);
    List<String> sources =
        call.arguments().subList(3, call.arguments().size()).stream()
            .map(Relabeling::text)
            .toList();
    if (sources.contains("")) {
      throw new EvaluationError("invalid source label name in label_join(): ");
    }
    if (target.isEmpty()) {
      throw new EvaluationError("invalid destination label name in label_join(): ");
    }
    each(
        evaluator,
        call,
        grid,
        sink,
        labels -> {
          StringJoiner joined = new StringJoiner(separator);
          for (String source : sources) {
            joined.add(labels.get(source));
          }
          return labels.toBuilder().set(target, joined.toString()).build();
        });
  }

  private static void each(
      Evaluator evaluator, Call call, Grid grid, SeriesSink sink, UnaryOperator<Labels> change) {
    SeriesMerge merge = new SeriesMerge(evaluator.budget());
    evaluator.vector(
        call.arguments().getFirst(),
        grid,
        (labels, column) -> merge.accept(change.apply(labels), column));
    merge.flush(sink);
  }

  private static String text(Call call, int argument) {
    return text(call.arguments().get(argument));
  }

  private static String text(Expr expr) {
    if (Expr.unwrap(expr) instanceof StringLiteral string) {
      return string.value();
    }
    throw new IllegalStateException("no string: " + expr);
  }

  /** A replacement with {@code $1}, {@code ${1}}, {@code $name}, {@code ${name}} and {@code $$}. */
  private static final class Template {
    private final String text;

    Template(String text) {
      this.text = text;
    }

    String expand(Matcher match, Pattern pattern) {
      StringBuilder expanded = new StringBuilder();
      int at = 0;
      while (at < text.length()) {
        int dollar = text.indexOf('$', at);
        if (dollar < 0) {
          dollar = text.length();
        }
        expanded.append(text, at, dollar);
        at = dollar < text.length() ? reference(dollar + 1, match, pattern, expanded) : dollar;
      }
      return expanded.toString();
    }

    /** Expands what follows a dollar sign; the end of it. Where no name follows, the sign stays. */
    private int reference(int from, Matcher match, Pattern pattern, StringBuilder expanded) {
      if (text.startsWith("$", from)) {
        expanded.append('$');
        return from + 1;
      }
      boolean braces = text.startsWith("{", from);
      int nameFrom = braces ? from + 1 : from;
      int nameTo = nameFrom;
      while (nameTo < text.length() && isNamePart(text.charAt(nameTo))) {
        nameTo++;
      }
      boolean closed = !braces || text.startsWith("}", nameTo);
      if (nameTo == nameFrom || !closed) {
        expanded.append('$');
        return from;
      }
      String value = group(text.substring(nameFrom, nameTo), match, pattern);
      expanded.append(value);
      return braces ? nameTo + 1 : nameTo;
    }

    private static boolean isNamePart(char c) {
      return Character.isLetterOrDigit(c) || c == '_';
    }

    /** A group's text, empty where there is no such group. */
    private static String group(String name, Matcher match, Pattern pattern) {
      int number = -1;
      if (name.length() <= 3 && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
        number = Integer.parseInt(name);
      } else if (pattern.namedGroups().containsKey(name)) {
        number = pattern.namedGroups().get(name);
      }
      if (number < 0 || number > match.groupCount()) {
        return "";
      }
      String value = match.group(number);
      return value == null ? "" : value;
    }
  }
}

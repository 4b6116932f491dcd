package io.rafttsdb.promql;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Random queries that pass the type checker, on the series of {@link RandomData}. The same seed
 * gives the same queries.
 */
public final class RandomQueries {

  private static final List<String> SELECTORS =
      List.of(
          "c_total",
          "g",
          "h",
          "one",
          "g{a=\"1\"}",
          "g{b!=\"x\"}",
          "c_total{a=~\"1|2\"}",
          "h{c=\"z\",b!~\"y\"}",
          "{__name__=\"g\"}",
          "d_bucket",
          "nothing");
  private static final List<String> RANGE_FUNCTIONS =
      List.of(
          "rate",
          "increase",
          "delta",
          "irate",
          "idelta",
          "changes",
          "resets",
          "deriv",
          "avg_over_time",
          "sum_over_time",
          "min_over_time",
          "max_over_time",
          "count_over_time",
          "last_over_time",
          "present_over_time",
          "absent_over_time",
          "stddev_over_time",
          "stdvar_over_time");
  private static final List<String> POINT_FUNCTIONS =
      List.of(
          "abs",
          "ceil",
          "floor",
          "exp",
          "sqrt",
          "ln",
          "log2",
          "log10",
          "sgn",
          "round",
          "sin",
          "cos",
          "atan",
          "timestamp",
          "absent",
          "sort",
          "sort_desc",
          "deg");

  /** Of times only: what Prometheus gives for other numbers depends on its processor. */
  private static final List<String> DATE_FUNCTIONS =
      List.of("minute", "hour", "day_of_week", "day_of_year", "days_in_month", "month", "year");

  private static final List<String> AGGREGATIONS =
      List.of("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar");
  private static final List<String> ARITHMETIC = List.of("+", "-", "*", "/", "%", "^", "atan2");
  private static final List<String> COMPARISONS = List.of("==", "!=", "<", ">", "<=", ">=");
  private static final List<String> RANGES = List.of("30s", "1m", "90s", "5m", "7m", "12m");

  private final SplittableRandom random;
  private final long beginS;

  RandomQueries(long seed) {
    this(seed, 0);
  }

  /**
   * @param beginS when the data begins, in seconds since 1970
   */
  public RandomQueries(long seed, long beginS) {
    this.random = new SplittableRandom(seed);
    this.beginS = beginS;
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  public String vector(int depth) {
    if (depth <= 0) {
      return pick(SELECTORS) + modifiers();
    }
    return switch (random.nextInt(13)) {
      case 0 -> pick(SELECTORS) + modifiers();
      case 1, 2 -> pick(RANGE_FUNCTIONS) + "(" + range(depth - 1) + ")";
      case 3 -> "quantile_over_time(" + scalar(1) + ", " + range(depth - 1) + ")";
      case 4 -> "predict_linear(" + range(depth - 1) + ", " + scalar(1) + ")";
      case 5 -> pick(POINT_FUNCTIONS) + "(" + vector(depth - 1) + ")";
      case 6, 7 -> aggregation(depth);
      case 8, 9 -> vectors(depth);
      case 10 -> withScalar(depth);
      case 11 -> other(depth);
      default -> "-" + "(" + vector(depth - 1) + ")";
    };
  }

  private String other(int depth) {
    String inner = vector(depth - 1);
    return switch (random.nextInt(7)) {
      case 0 -> "clamp(" + inner + ", -2, " + scalar(0) + ")";
      case 1 -> "clamp_min(" + inner + ", 1)";
      case 2 -> "label_replace(" + inner + ", \"d\", \"<$1>\", \"a\", \"([12])\")";
      case 3 -> "label_join(" + inner + ", \"d\", \"-\", \"a\", \"b\")";
      case 4 -> "vector(" + scalar(depth - 1) + ")";
      case 5 -> pick(DATE_FUNCTIONS) + "(timestamp(" + inner + "))";
      default -> "histogram_quantile(" + scalar(0) + ", rate(d_bucket[" + pick(RANGES) + "]))";
    };
  }

  String scalar(int depth) {
    return switch (random.nextInt(depth <= 0 ? 3 : 6)) {
      case 0 -> String.valueOf(random.nextInt(4));
      case 1 -> "0." + random.nextInt(1, 10);
      case 2 -> pick(List.of("time()", "pi()", "-1", "1e3"));
      case 3 -> "scalar(" + vector(depth - 1) + ")";
      case 4 -> "(" + scalar(depth - 1) + " " + pick(ARITHMETIC) + " " + scalar(depth - 1) + ")";
      default -> scalar(depth - 1) + " <= bool " + scalar(0);
    };
  }

  private String range(int depth) {
    if (random.nextInt(4) > 0) {
      return pick(SELECTORS) + "[" + pick(RANGES) + "]" + modifiers();
    }
    String step = random.nextInt(3) == 0 ? "" : pick(List.of("45s", "1m", "100s", "7s"));
    return "(" + vector(depth) + ")[" + pick(RANGES) + ":" + step + "]" + modifiers();
  }

  private String modifiers() {
    return switch (random.nextInt(12)) {
      case 0 -> " offset 1m";
      case 1 -> " offset -90s";
      case 2 -> " @ " + (beginS + 1200);
      case 3 -> " @ " + (beginS + 777) + ".7 offset 10s";
      default -> "";
    };
  }

  private String aggregation(int depth) {
    String grouping =
        pick(List.of("", " by (a) ", " by (b) ", " without (a) ", " by (a, b) ", " by () "));
    String inner = vector(depth - 1);
    return switch (random.nextInt(6)) {
      case 0 ->
          pick(List.of("topk", "bottomk"))
              + grouping
              + "("
              + random.nextInt(4)
              + ", "
              + inner
              + ")";
      case 1 -> "quantile" + grouping + "(0." + random.nextInt(1, 10) + ", " + inner + ")";
      case 2 -> "count_values" + grouping + "(\"v\", " + inner + ")";
      default -> pick(AGGREGATIONS) + grouping + "(" + inner + ")";
    };
  }

  private String vectors(int depth) {
    String left = "(" + vector(depth - 1) + ")";
    String right = "(" + vector(depth - 1) + ")";
    String match = pick(List.of("", " on (a) ", " on (a, b) ", " ignoring (c) ", " ignoring (b) "));
    if (random.nextInt(3) == 0) {
      return left + " " + pick(List.of("and", "or", "unless")) + match + " " + right;
    }
    String op = random.nextBoolean() ? pick(ARITHMETIC) : pick(COMPARISONS);
    if (COMPARISONS.contains(op) && random.nextBoolean()) {
      op += " bool";
    }
    if (!match.isEmpty() && random.nextInt(3) == 0) {
      match += pick(List.of("group_left ()", "group_right ()", "group_left (c)"));
    }
    return left + " " + op + match + " " + right;
  }

  private String withScalar(int depth) {
    String op = random.nextBoolean() ? pick(ARITHMETIC) : pick(COMPARISONS);
    String vector = "(" + vector(depth - 1) + ")";
    return random.nextBoolean()
        ? vector + " " + op + " " + scalar(1)
        : "(" + scalar(1) + ") " + op + " " + vector;
  }
}

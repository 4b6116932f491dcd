package io.rafttsdb.promql.function;

import static io.rafttsdb.promql.ast.ValueType.INSTANT_VECTOR;
import static io.rafttsdb.promql.ast.ValueType.RANGE_VECTOR;
import static io.rafttsdb.promql.ast.ValueType.SCALAR;
import static io.rafttsdb.promql.ast.ValueType.STRING;

import io.rafttsdb.promql.ast.ValueType;
import io.rafttsdb.promql.function.Function.Kind;
import io.rafttsdb.promql.function.Function.OverRange;
import io.rafttsdb.promql.function.Function.PerPoint;
import io.rafttsdb.promql.function.Function.Special;
import io.rafttsdb.promql.function.Function.Traits;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** All functions by name: those that the engine evaluates, and those that it only knows of. */
public final class Functions {

  /** Functions of Prometheus that are refused with a message of their own. */
  private static final Set<String> NOT_YET =
      Set.of(
          "double_exponential_smoothing",
          "histogram_quantiles",
          "info",
          "mad_over_time",
          "sort_by_label",
          "sort_by_label_desc",
          "ts_of_first_over_time",
          "ts_of_last_over_time",
          "ts_of_max_over_time",
          "ts_of_min_over_time");

  private static final Map<String, Function> BY_NAME = byName();

  private Functions() {}

  /** Whether Prometheus has a function of this name. */
  public static boolean isKnown(String name) {
    return BY_NAME.containsKey(name) || NOT_YET.contains(name);
  }

  /** The function of a name, or null where the engine does not evaluate it. */
  public static @Nullable Function find(String name) {
    return BY_NAME.get(name);
  }

  /** The function of a name in a tree that the parser has checked. */
  public static Function of(String name) {
    Function function = BY_NAME.get(name);
    if (function == null) {
      throw new IllegalStateException("function " + name + " is not supported");
    }
    return function;
  }

  private static Map<String, Function> byName() {
    Map<String, Function> map = new HashMap<>();
    ranges(map);
    points(map);
    dates(map);
    specials(map);
    return Map.copyOf(map);
  }

  private static void ranges(Map<String, Function> map) {
    map.put("rate", range(Rates::rate, Traits.FOR_COUNTERS));
    map.put("increase", range(Rates::increase, Traits.FOR_COUNTERS));
    map.put("irate", range(Rates::irate));
    map.put("delta", range(Rates::delta));
    map.put("idelta", range(Rates::idelta));
    map.put("changes", range(Rates::changes));
    map.put("resets", range(Rates::resets));
    map.put("deriv", range(Regression::deriv));
    map.put(
        "predict_linear",
        new OverRange(
            signature(INSTANT_VECTOR, RANGE_VECTOR, SCALAR),
            Regression::predictLinear,
            Traits.PLAIN));
    map.put("count_over_time", range(OverTime::count));
    map.put("present_over_time", range(OverTime::present));
    map.put("first_over_time", range(OverTime::first, Traits.KEEPS_NAME));
    map.put("last_over_time", range(OverTime::last, Traits.KEEPS_NAME));
    map.put("sum_over_time", range(OverTime::sum));
    map.put("avg_over_time", range(OverTime::avg));
    map.put("min_over_time", range(OverTime::min));
    map.put("max_over_time", range(OverTime::max));
    map.put("stddev_over_time", range(OverTime::stddev));
    map.put("stdvar_over_time", range(OverTime::stdvar));
    map.put(
        "quantile_over_time",
        new OverRange(
            signature(INSTANT_VECTOR, SCALAR, RANGE_VECTOR), OverTime::quantile, Traits.PLAIN));
  }

  private static void points(Map<String, Function> map) {
    map.put("abs", point(Math::abs));
    map.put("ceil", point(Math::ceil));
    map.put("floor", point(Math::floor));
    map.put("exp", point(Math::exp));
    map.put("sqrt", point(Math::sqrt));
    map.put("ln", point(Math::log));
    map.put("log2", point(Elementary::log2));
    map.put("log10", point(Elementary::log10));
    map.put("sgn", point(Elementary::sgn));
    map.put("sin", point(Math::sin));
    map.put("cos", point(Math::cos));
    map.put("tan", point(Math::tan));
    map.put("asin", point(Math::asin));
    map.put("acos", point(Math::acos));
    map.put("atan", point(Math::atan));
    map.put("sinh", point(Math::sinh));
    map.put("cosh", point(Math::cosh));
    map.put("tanh", point(Math::tanh));
    map.put("asinh", point(Elementary::asinh));
    map.put("acosh", point(Elementary::acosh));
    map.put("atanh", point(Elementary::atanh));
    map.put("rad", point((DoubleUnaryOperator) v -> v * Math.PI / 180));
    map.put("deg", point((DoubleUnaryOperator) v -> v * 180 / Math.PI));
    map.put(
        "round",
        new PerPoint(
            new Signature(List.of(INSTANT_VECTOR, SCALAR), 1, INSTANT_VECTOR), Elementary::round));
    map.put(
        "clamp",
        new PerPoint(signature(INSTANT_VECTOR, INSTANT_VECTOR, SCALAR, SCALAR), Elementary::clamp));
    Signature oneBound = signature(INSTANT_VECTOR, INSTANT_VECTOR, SCALAR);
    map.put("clamp_min", new PerPoint(oneBound, Elementary::clampMin));
    map.put("clamp_max", new PerPoint(oneBound, Elementary::clampMax));
  }

  private static void dates(Map<String, Function> map) {
    map.put("year", date(Dates.part(LocalDate::getYear)));
    map.put("month", date(Dates.part(LocalDate::getMonthValue)));
    map.put("day_of_month", date(Dates.part(LocalDate::getDayOfMonth)));
    map.put("day_of_year", date(Dates.part(LocalDate::getDayOfYear)));
    map.put("day_of_week", date(Dates.part(day -> day.getDayOfWeek().getValue() % 7)));
    map.put("days_in_month", date(Dates.part(LocalDate::lengthOfMonth)));
    map.put("hour", date(Dates::hour));
    map.put("minute", date(Dates::minute));
  }

  private static void specials(Map<String, Function> map) {
    map.put("time", new Special(signature(SCALAR), Kind.TIME));
    map.put("pi", new Special(signature(SCALAR), Kind.PI));
    map.put("scalar", new Special(signature(SCALAR, INSTANT_VECTOR), Kind.SCALAR));
    map.put("vector", new Special(signature(INSTANT_VECTOR, SCALAR), Kind.VECTOR));
    Signature onVector = signature(INSTANT_VECTOR, INSTANT_VECTOR);
    map.put("timestamp", new Special(onVector, Kind.TIMESTAMP));
    map.put("absent", new Special(onVector, Kind.ABSENT));
    map.put(
        "absent_over_time",
        new Special(signature(INSTANT_VECTOR, RANGE_VECTOR), Kind.ABSENT_OVER_TIME));
    map.put("sort", new Special(onVector, Kind.SORT));
    map.put("sort_desc", new Special(onVector, Kind.SORT_DESC));
    map.put(
        "histogram_quantile",
        new Special(signature(INSTANT_VECTOR, SCALAR, INSTANT_VECTOR), Kind.HISTOGRAM_QUANTILE));
    map.put("histogram_count", new Special(onVector, Kind.HISTOGRAM_COUNT));
    map.put("histogram_sum", new Special(onVector, Kind.HISTOGRAM_SUM));
    map.put("histogram_avg", new Special(onVector, Kind.HISTOGRAM_AVG));
    map.put("histogram_stddev", new Special(onVector, Kind.HISTOGRAM_STDDEV));
    map.put("histogram_stdvar", new Special(onVector, Kind.HISTOGRAM_STDVAR));
    map.put(
        "histogram_fraction",
        new Special(
            signature(INSTANT_VECTOR, SCALAR, SCALAR, INSTANT_VECTOR), Kind.HISTOGRAM_FRACTION));
    map.put(
        "label_replace",
        new Special(
            signature(INSTANT_VECTOR, INSTANT_VECTOR, STRING, STRING, STRING, STRING),
            Kind.LABEL_REPLACE));
    map.put(
        "label_join",
        new Special(
            new Signature(
                List.of(INSTANT_VECTOR, STRING, STRING, STRING), Signature.ANY, INSTANT_VECTOR),
            Kind.LABEL_JOIN));
  }

  private static Signature signature(ValueType result, ValueType... arguments) {
    return new Signature(List.of(arguments), 0, result);
  }

  private static Function range(WindowFunction compute) {
    return range(compute, Traits.PLAIN);
  }

  private static Function range(WindowFunction compute, Traits traits) {
    return new OverRange(signature(INSTANT_VECTOR, RANGE_VECTOR), compute, traits);
  }

  private static Function point(DoubleUnaryOperator compute) {
    return point((value, _) -> compute.applyAsDouble(value));
  }

  private static Function point(PointFunction compute) {
    return new PerPoint(signature(INSTANT_VECTOR, INSTANT_VECTOR), compute);
  }

  /** Of the evaluation's time where it has no argument. */
  private static Function date(PointFunction compute) {
    return new PerPoint(new Signature(List.of(INSTANT_VECTOR), 1, INSTANT_VECTOR), compute);
  }
}

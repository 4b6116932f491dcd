package io.rafttsdb.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.rafttsdb.promql.ast.DurationText;
import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Expr.VectorSelector;
import io.rafttsdb.promql.ast.NumberText;
import io.rafttsdb.promql.eval.Grid;
import io.rafttsdb.promql.value.Annotation;
import io.rafttsdb.promql.value.Column;
import io.rafttsdb.promql.value.Histogram;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.promql.value.Points;
import io.rafttsdb.promql.value.QueryException;
import io.rafttsdb.promql.value.QueryResult;
import io.rafttsdb.promql.value.SparseCounts;
import io.rafttsdb.promql.value.Value;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Samples;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.opentest4j.MultipleFailuresError;

/**
 * Runs a test script: data, queries on it and what they must answer. docs/promql.md describes the
 * language.
 */
final class Script {

  private static final double TOLERANCE = 1e-9;

  private static final Pattern WORD = Pattern.compile("(?:\\{\\{[^}]*\\}\\}|\\S)+");
  private static final Pattern HISTOGRAMS =
      Pattern.compile("(\\{\\{[^}]*\\}\\})(?:\\+(\\{\\{[^}]*\\}\\}))?(?:x([0-9]+))?");
  private static final Pattern LOAD = Pattern.compile("load (\\S+)");
  private static final Pattern INSTANT = Pattern.compile("eval instant at (\\S+) (.*)");
  private static final Pattern RANGE =
      Pattern.compile("eval range from (\\S+) to (\\S+) step (\\S+) (.*)");
  private static final Pattern SERIES = Pattern.compile("(\\S*\\{[^}]*\\}|[^\\s{]+)\\s+(.*)");
  private static final Pattern RUN =
      Pattern.compile("([-+]?[0-9.eE]+|[-+]?Inf|NaN|_|stale)(?:([-+][0-9.]+))?x([0-9]+)");

  // Slots of the histograms in lists of values.
  private final HistogramTable table = new HistogramTable(_ -> {});
  private final MemorySource source = new MemorySource();
  private final PromQl engine = new PromQl(QueryLimits.DEFAULT);
  private final String name;
  private final List<String> lines;
  private int at;
  private int evaluations;
  private final List<AssertionError> failures = new ArrayList<>();

  Script(String name, String text) {
    this.name = name;
    this.lines = text.lines().toList();
  }

  /** Runs the whole script; how many queries it evaluated. */
  int run() {
    while (at < lines.size()) {
      String line = lines.get(at);
      if (isBlank(line)) {
        at++;
      } else {
        int commandAt = at;
        try {
          command(line.strip());
        } catch (AssertionError e) {
          failures.add(e);
          skipFrom(commandAt);
        }
      }
    }
    if (!failures.isEmpty()) {
      throw new MultipleFailuresError(name, failures);
    }
    return evaluations;
  }

  /** Goes to the command after this one. */
  private void skipFrom(int commandAt) {
    at = commandAt + 1;
    var _ = block();
  }

  private static boolean isBlank(String line) {
    return line.isBlank() || line.strip().startsWith("#");
  }

  private void command(String line) {
    MatchResult load = match(LOAD, line);
    MatchResult instant = match(INSTANT, line);
    MatchResult range = match(RANGE, line);
    int lineNumber = ++at;
    if (line.equals("clear")) {
      source.clear();
    } else if (load.hasMatch()) {
      long stepMs = DurationText.parseMs(load.group(1));
      block().forEach(series -> load(series, stepMs));
    } else if (instant.hasMatch()) {
      long timeMs = timeMs(instant.group(1));
      check(lineNumber, instant.group(2), null, expr -> engine.instant(expr, timeMs, source));
    } else if (range.hasMatch()) {
      long startMs = timeMs(range.group(1));
      long endMs = timeMs(range.group(2));
      long stepMs = DurationText.parseMs(range.group(3));
      check(
          lineNumber,
          range.group(4),
          new Grid(startMs, stepMs, 1),
          expr -> engine.range(expr, startMs, endMs, stepMs, source));
    } else {
      fail(name + ":" + lineNumber + ": no command: " + line);
    }
  }

  private static MatchResult match(Pattern pattern, String line) {
    var matcher = pattern.matcher(line);
    var _ = matcher.matches();
    return matcher.toMatchResult();
  }

  private static long timeMs(String text) {
    return text.startsWith("-")
        ? -DurationText.parseMs(text.substring(1))
        : DurationText.parseMs(text);
  }

  /** The indented lines that follow. */
  private List<String> block() {
    List<String> block = new ArrayList<>();
    while (at < lines.size() && (lines.get(at).startsWith(" ") || isBlank(lines.get(at)))) {
      String line = lines.get(at++);
      if (!isBlank(line)) {
        block.add(line.strip());
      }
    }
    return block;
  }

  private void load(String line, long stepMs) {
    MatchResult series = match(SERIES, line);
    assertThat(series.hasMatch()).as("%s: series and values: %s", name, line).isTrue();
    Labels labels = labels(series.group(1));
    long timeMs = 0;
    for (double value : values(series.group(2))) {
      if (HistogramTable.isHistogram(value)) {
        source.add(labels, timeMs, HistogramText.stored(table.get(value)));
      } else if (!Column.isAbsent(value)) {
        source.add(labels, timeMs, isStale(value) ? Samples.STALE : bits(value));
      }
      timeMs += stepMs;
    }
  }

  // In a list of values a stale marker has to differ from a gap, which holds the marker's bits.
  private static final double STALE_TEXT = Double.longBitsToDouble(Samples.STALE + 1);

  private static boolean isStale(double value) {
    return bits(value) == Samples.STALE + 1;
  }

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }

  private List<Double> values(String text) {
    List<Double> values = new ArrayList<>();
    for (String word : WORD.matcher(text).results().map(MatchResult::group).toList()) {
      MatchResult run = match(RUN, word);
      MatchResult histograms = match(HISTOGRAMS, word);
      if (histograms.hasMatch()) {
        addHistograms(histograms, values);
      } else if (run.hasMatch()) {
        double value = value(run.group(1));
        double step = run.group(2) == null ? 0 : Double.parseDouble(run.group(2));
        boolean counted = run.group(1).equals("_") || run.group(1).equals("stale");
        int count = Integer.parseInt(run.group(3)) + (counted ? 0 : 1);
        for (int i = 0; i < count; i++) {
          values.add(counted ? value : value + i * step);
        }
      } else {
        values.add(value(word));
      }
    }
    return values;
  }

  private void addHistograms(MatchResult histograms, List<Double> values) {
    Histogram histogram = HistogramText.parse(histograms.group(1));
    String step = histograms.group(2);
    int more = histograms.group(3) == null ? 0 : Integer.parseInt(histograms.group(3));
    for (int i = 0; i <= more; i++) {
      values.add(table.add(histogram));
      histogram = step == null ? histogram : histogram.plus(HistogramText.parse(step));
    }
  }

  private static double value(String word) {
    return switch (word) {
      case "_" -> Column.absent();
      case "stale" -> STALE_TEXT;
      case "NaN" -> Double.NaN;
      case "Inf", "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(word);
    };
  }

  private Labels labels(String selector) {
    if (selector.equals("{}")) {
      return Labels.EMPTY;
    }
    VectorSelector parsed = (VectorSelector) engine.parse(selector);
    Labels.Builder labels = Labels.EMPTY.toBuilder();
    for (Matcher matcher : parsed.matchers()) {
      labels.set(matcher.name(), matcher.value());
    }
    return labels.build();
  }

  @FunctionalInterface
  private interface Query {
    QueryResult run(Expr expr);
  }

  /** Of a range query the grid tells which step a point belongs to. */
  private void check(int lineNumber, String query, @Nullable Grid grid, Query evaluation) {
    evaluations++;
    String place = name + ":" + lineNumber + ": " + query;
    List<String> expected = new ArrayList<>(block());
    Map<String, List<String>> demands = demands(expected);
    if (demands.containsKey("fail")) {
      assertThatThrownBy(() -> evaluation.run(engine.parse(query)))
          .as(place)
          .isInstanceOf(QueryException.class)
          .extracting(e -> String.valueOf(e.getMessage()).strip())
          .isEqualTo(demands.get("fail").getFirst());
      return;
    }
    QueryResult result;
    try {
      result = evaluation.run(engine.parse(query));
    } catch (QueryException e) {
      throw new AssertionError(place, e);
    }
    assertThat(texts(result.warnings(), query))
        .as("%s: warnings", place)
        .isEqualTo(demands.getOrDefault("warn", List.of()));
    assertThat(texts(result.infos(), query))
        .as("%s: infos", place)
        .isEqualTo(demands.getOrDefault("info", List.of()));
    compare(place, result.value(), grid, expected, demands.containsKey("ordered"));
  }

  private static List<String> texts(List<Annotation> annotations, String query) {
    return annotations.stream().map(annotation -> annotation.in(query)).toList();
  }

  /** Takes the lines that begin with "expect" out of the list. */
  private static Map<String, List<String>> demands(List<String> expected) {
    Map<String, List<String>> demands = new TreeMap<>();
    for (String line : List.copyOf(expected)) {
      if (line.startsWith("expect ")) {
        expected.remove(line);
        String[] parts = line.split(" ", 3);
        demands
            .computeIfAbsent(parts[1], _ -> new ArrayList<>())
            .add(parts.length > 2 ? parts[2] : "");
      }
    }
    return demands;
  }

  private void compare(
      String place, Value value, @Nullable Grid grid, List<String> expected, boolean ordered) {
    switch (value) {
      case Value.Scalar scalar -> same(place, List.of(scalar.value()), values(only(expected)));
      case Value.StringValue string ->
          assertThat("\"" + string.value() + "\"").as(place).isEqualTo(only(expected));
      case Value.Vector vector -> {
        Map<Labels, List<Double>> found = new LinkedHashMap<>();
        vector
            .elements()
            .forEach(e -> put(place, found, e.labels(), List.of(slot(e.value(), e.histogram()))));
        compare(place, found, series(place, expected), ordered);
      }
      case Value.Matrix matrix -> {
        Map<Labels, List<Double>> found = new LinkedHashMap<>();
        matrix.series().forEach(points -> put(place, found, points.labels(), values(points, grid)));
        compare(place, found, series(place, expected), false);
        assertThat(matrix.series().stream().map(Points::labels).toList())
            .as("%s: order", place)
            .isSorted();
      }
    }
  }

  /** With a grid, one slot a step up to the last point. */
  private List<Double> values(Points points, @Nullable Grid grid) {
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < points.count(); i++) {
      if (grid != null) {
        long step = (points.timeMs(i) - grid.startMs()) / grid.stepMs();
        while (values.size() < step) {
          values.add(Column.absent());
        }
      }
      values.add(slot(points.value(i), points.histogram(i)));
    }
    return values;
  }

  private double slot(double value, @Nullable Histogram histogram) {
    return histogram == null ? value : table.add(histogram);
  }

  private static String only(List<String> expected) {
    assertThat(expected).hasSize(1);
    return expected.getFirst();
  }

  private static void put(
      String place, Map<Labels, List<Double>> target, Labels labels, List<Double> values) {
    assertThat(target.put(labels, values)).as("%s: %s is there twice", place, labels).isNull();
  }

  private Map<Labels, List<Double>> series(String place, List<String> expected) {
    Map<Labels, List<Double>> series = new LinkedHashMap<>();
    for (String line : expected) {
      MatchResult match = match(SERIES, line);
      assertThat(match.hasMatch()).as("%s: series and values: %s", place, line).isTrue();
      List<Double> values = new ArrayList<>(values(match.group(2)));
      while (Column.isAbsent(values.getLast())) {
        values.removeLast();
      }
      put(place, series, labels(match.group(1)), values);
    }
    return series;
  }

  private void compare(
      String place,
      Map<Labels, List<Double>> found,
      Map<Labels, List<Double>> expected,
      boolean ordered) {
    if (ordered) {
      assertThat(List.copyOf(found.keySet()))
          .as("%s: order", place)
          .isEqualTo(List.copyOf(expected.keySet()));
    }
    assertThat(found.keySet())
        .as("%s: series; found %s", place, show(found))
        .isEqualTo(expected.keySet());
    expected.forEach((labels, values) ->
        same(place + " " + labels, found.getOrDefault(labels, List.of()), values));
  }

  private String show(Map<Labels, List<Double>> series) {
    return series.entrySet().stream()
        .map(e -> e.getKey() + " " + e.getValue().stream().map(this::show).toList())
        .collect(Collectors.joining("\n"));
  }

  private String show(double value) {
    return HistogramTable.isHistogram(value)
        ? table.get(value) + " " + table.get(value).buckets()
        : NumberText.plain(value);
  }

  private void same(String place, List<Double> found, List<Double> expected) {
    boolean same = found.size() == expected.size();
    for (int i = 0; same && i < found.size(); i++) {
      same = isNear(found.get(i), expected.get(i));
    }
    assertThat(same)
        .as(
            "%s: found %s, expected %s",
            place,
            found.stream().map(this::show).toList(),
            expected.stream().map(this::show).toList())
        .isTrue();
  }

  private boolean isNear(double found, double expected) {
    if (HistogramTable.isHistogram(found) || HistogramTable.isHistogram(expected)) {
      return HistogramTable.isHistogram(found)
          && HistogramTable.isHistogram(expected)
          && isNear(table.get(found), table.get(expected));
    }
    if (Column.isAbsent(found) || Column.isAbsent(expected)) {
      return Column.isAbsent(found) && Column.isAbsent(expected);
    }
    if (Double.isNaN(found) || Double.isNaN(expected) || Double.isInfinite(expected)) {
      return Double.compare(found, expected) == 0;
    }
    return Math.abs(found - expected) <= TOLERANCE * Math.max(1e-3, Math.abs(expected));
  }

  private boolean isNear(Histogram found, Histogram expected) {
    return found.schema() == expected.schema()
        && found.isGauge() == expected.isGauge()
        && found.fit(expected) == Histogram.Fit.FITS
        && isNear(found.zeroThreshold(), expected.zeroThreshold())
        && isNear(found.zeroCount(), expected.zeroCount())
        && isNear(found.count(), expected.count())
        && isNear(found.sum(), expected.sum())
        && isNear(found.positive(), expected.positive())
        && isNear(found.negative(), expected.negative());
  }

  private boolean isNear(SparseCounts found, SparseCounts expected) {
    boolean same = found.size() == expected.size();
    for (int i = 0; same && i < found.size(); i++) {
      same = found.index(i) == expected.index(i) && isNear(found.count(i), expected.count(i));
    }
    return same;
  }
}

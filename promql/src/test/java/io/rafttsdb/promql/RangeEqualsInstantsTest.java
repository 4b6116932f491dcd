package io.rafttsdb.promql;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.value.EvaluationError;
import io.rafttsdb.promql.value.Points;
import io.rafttsdb.promql.value.Value;
import io.rafttsdb.storage.model.Labels;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A range query answers at each of its steps what an instant query answers at that time. */
class RangeEqualsInstantsTest {

  private static final int QUERIES = 60;
  private static final double TOLERANCE = 1e-9;

  private final PromQl engine = new PromQl(QueryLimits.DEFAULT);

  private static final Pattern SUBQUERY = Pattern.compile("\\[[^\\]]*:");

  static LongStream seeds() {
    long fresh = System.nanoTime();
    return LongStream.concat(LongStream.range(0, 24), LongStream.range(fresh, fresh + 4));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyStep(long seed) {
    MemorySource source = RandomData.source(seed);
    RandomQueries queries = new RandomQueries(seed);
    for (int i = 0; i < QUERIES; i++) {
      String query = queries.vector(1 + i % 4);
      long startMs = 300_000 + i * 7_000L;
      long stepMs = new long[] {15_000, 60_000, 333_000, 700_000}[i % 4];
      check(query, startMs, stepMs, 9, source);
    }
  }

  private void check(String query, long startMs, long stepMs, int steps, MemorySource source) {
    Expr expr = engine.parse(query);
    long endMs = startMs + (steps - 1) * stepMs;
    Map<Long, Map<Labels, Double>> range = new TreeMap<>();
    @Nullable EvaluationError rangeError = null;
    try {
      Value.Matrix matrix =
          (Value.Matrix) engine.range(expr, startMs, endMs, stepMs, source).value();
      for (Points points : matrix.series()) {
        for (int p = 0; p < points.count(); p++) {
          range
              .computeIfAbsent(points.timeMs(p), _ -> new TreeMap<>())
              .put(points.labels(), points.value(p));
        }
      }
    } catch (EvaluationError e) {
      rangeError = e;
    }
    boolean instantFailed = false;
    for (long timeMs = startMs; timeMs <= endMs; timeMs += stepMs) {
      Map<Labels, Double> instant;
      try {
        instant = instant(expr, timeMs, source);
      } catch (EvaluationError e) {
        instantFailed = true;
        assertThat(rangeError).as("%s at %s: %s", query, timeMs, e.getMessage()).isNotNull();
        continue;
      }
      if (rangeError == null) {
        String place = query + " at " + timeMs + " of " + startMs + ".." + endMs + "/" + stepMs;
        same(place, range.getOrDefault(timeMs, Map.of()), instant);
      }
    }
    // A function over a range fails already where two series become equal, at whatever steps; and a
    // subquery, as in Prometheus, is evaluated also where no instant looks.
    if (rangeError != null
        && !String.valueOf(rangeError.getMessage()).contains("same labelset")
        && !SUBQUERY.matcher(query).find()) {
      assertThat(instantFailed).as("%s: only the range fails: %s", query, rangeError).isTrue();
    }
  }

  private Map<Labels, Double> instant(Expr expr, long timeMs, MemorySource source) {
    Map<Labels, Double> instant = new TreeMap<>();
    Value.Vector vector = (Value.Vector) engine.instant(expr, timeMs, source).value();
    for (Value.Element element : vector.elements()) {
      assertThat(instant.put(element.labels(), element.value())).isNull();
    }
    return instant;
  }

  private static void same(String place, Map<Labels, Double> range, Map<Labels, Double> instant) {
    assertThat(range.keySet()).as(place).isEqualTo(instant.keySet());
    instant.forEach((labels, value) -> {
      double found = range.getOrDefault(labels, Double.NaN);
      boolean near =
          Double.compare(found, value) == 0
              || Math.abs(found - value) <= TOLERANCE * Math.abs(value);
      assertThat(near).as("%s %s: %s, not %s", place, labels, found, value).isTrue();
    });
  }
}

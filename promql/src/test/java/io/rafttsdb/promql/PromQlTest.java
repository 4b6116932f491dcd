package io.rafttsdb.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.ValueType;
import io.rafttsdb.promql.parse.ParseError;
import io.rafttsdb.promql.parse.Parser;
import io.rafttsdb.promql.value.EvaluationError;
import io.rafttsdb.promql.value.HistogramTable;
import io.rafttsdb.promql.value.QueryCanceled;
import io.rafttsdb.promql.value.QueryLimitExceeded;
import io.rafttsdb.promql.value.QueryTimedOut;
import io.rafttsdb.promql.value.Value;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the door promises besides results: what is selected, limits, time-outs, cancellation. */
class PromQlTest {

  private static final long MINUTE = 60_000;

  private final PromQl engine = new PromQl(QueryLimits.DEFAULT);

  private static MemorySource source(int series, int samples) {
    MemorySource source = new MemorySource();
    for (int s = 0; s < series; s++) {
      Labels labels = Labels.of("__name__", "x", "i", String.valueOf(s));
      for (int i = 0; i < samples; i++) {
        source.add(labels, i * 1000L, Double.doubleToRawLongBits(i));
      }
    }
    return source;
  }

  /** Remembers what it was asked, and has nothing. */
  private static final class Recorder implements SeriesSource {
    final List<List<Selection>> asked = new ArrayList<>();

    @Override
    public List<List<SeriesView>> select(List<Selection> selections) {
      asked.add(selections);
      return selections.stream().map(_ -> List.<SeriesView>of()).toList();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x | 3300001 | 4200000",
        "x offset 1m | 3240001 | 4140000",
        "x offset -1m | 3360001 | 4260000",
        "x @ 1000 | 700001 | 1000000",
        "x @ 1000 offset 10s | 690001 | 990000",
        "x @ start() | 3300001 | 3600000",
        "x @ end() | 3900001 | 4200000",
        "rate(x[10m]) | 3000001 | 4200000",
        "rate(x[10m] offset 5m) | 2700001 | 3900000",
        "rate(x[10m] @ 1000) | 400001 | 1000000",
        // The subquery's first step after 3000000 is 3060000; the selector looks 5m back from it.
        "max_over_time(abs(x)[10m:1m]) | 2760001 | 4200000",
        "max_over_time(abs(x)[10m:7m]) | 3060001 | 4200000",
        "max_over_time(rate(x[2m])[10m:1m] offset 1m) | 2880001 | 4140000",
        "max_over_time(abs(x)[10m:1m] @ 1000) | 120001 | 960000",
        "max_over_time(max_over_time(x[1m:30s])[2m:1m]) | 3210001 | 4200000",
      })
  void asksForTheSamplesNeededAndNoOthers(String query, long minMs, long maxMs) {
    Recorder recorder = new Recorder();
    var _ = engine.range(engine.parse(query), 60 * MINUTE, 70 * MINUTE, MINUTE, recorder);
    assertThat(recorder.asked).hasSize(1);
    assertThat(recorder.asked.getFirst())
        .singleElement()
        .satisfies(selection -> {
          assertThat(selection.minMs()).isEqualTo(minMs);
          assertThat(selection.maxMs()).isEqualTo(maxMs);
        });
  }

  @Test
  void aStoredNanWithTheBitsOfAHistogramsSlotIsANan() {
    long bits = 0x7ff4_0000_0000_0000L;
    SeriesSource forged =
        selections ->
            selections.stream()
                .map(_ ->
                    List.of(
                        MemorySource.view(
                            Labels.of("__name__", "x"), new long[] {1_000}, new long[] {bits})))
                .toList();
    for (String query : List.of("x", "last_over_time(x[1m])", "x[1m]", "sum(x)", "-x")) {
      Value value =
          new PromQl(QueryLimits.DEFAULT).instant(Parser.parse(query), 1_000, forged).value();
      double found =
          value instanceof Value.Matrix matrix
              ? matrix.series().getFirst().value(0)
              : ((Value.Vector) value).elements().getFirst().value();
      assertThat(found).as(query).isNaN();
      assertThat(HistogramTable.isHistogram(found)).as(query).isFalse();
    }
  }

  @Test
  void asksOnceForAllSelectors() {
    Recorder recorder = new Recorder();
    var _ = engine.instant(engine.parse("x + sum_over_time(y[5m:]) or x / z"), 0, recorder);
    assertThat(recorder.asked).hasSize(1);
    assertThat(recorder.asked.getFirst()).hasSize(4);
  }

  @Test
  void theLastStepIsTheLastThatIsNotAfterTheEnd() {
    Expr expr = engine.parse("time()");
    Value.Matrix matrix = (Value.Matrix) engine.range(expr, 0, 10_000, 3_000, source(1, 1)).value();
    assertThat(matrix.series().getFirst().count()).isEqualTo(4);
    assertThat(matrix.series().getFirst().timeMs(3)).isEqualTo(9_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x + x",
        "sort(x)",
        "topk(1, x)",
        "quantile(0.5, x)",
        "x",
        "count_values(\"v\", x)",
        "max_over_time(x[100s])",
        "abs(x) or x",
      })
  void aQueryHoldsNoMoreThanItMay(String query) {
    MemorySource source = source(20, 200);
    QueryLimits few = new QueryLimits(90, Duration.ofMinutes(1), Duration.ofMinutes(5));
    Expr expr = engine.parse(query);
    assertThatThrownBy(() -> engine.range(expr, 100_000, 110_000, 1_000, source, few))
        .isInstanceOf(QueryLimitExceeded.class)
        .hasMessage("query processing would load too many samples into memory in query execution");
  }

  @Test
  void whatIsFoldedAtOnceIsNotHeld() {
    MemorySource source = source(50, 200);
    QueryLimits few = new QueryLimits(90, Duration.ofMinutes(1), Duration.ofMinutes(5));
    Expr expr = engine.parse("sum(rate(x[20s])) / count(x)");
    Value value = engine.range(expr, 100_000, 110_000, 1_000, source, few).value();
    assertThat(((Value.Matrix) value).series()).hasSize(1);
  }

  @Test
  void aSubqueryOfTooManyStepsIsRefused() {
    Expr expr = engine.parse("count_over_time(vector(1)[200y:1ms])");
    assertThatThrownBy(() -> engine.instant(expr, 0, source(1, 1)))
        .isInstanceOf(QueryLimitExceeded.class);
    Expr smaller = engine.parse("count_over_time(vector(time())[20d:1ms])");
    assertThatThrownBy(() -> engine.instant(smaller, 0, source(1, 1)))
        .isInstanceOf(QueryLimitExceeded.class);
  }

  @Test
  void aQueryEndsAtItsDeadline() {
    QueryLimits noTime = QueryLimits.DEFAULT.withTimeout(Duration.ZERO);
    Expr expr = engine.parse("sum(rate(x[5m]))");
    assertThatThrownBy(() -> engine.instant(expr, 0, source(1, 10), noTime))
        .isInstanceOf(QueryTimedOut.class)
        .hasMessage("query timed out in expression evaluation");
  }

  @Test
  void interruptingTheThreadCancels() {
    Expr expr = engine.parse("sum(rate(x[5m]))");
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> engine.instant(expr, 0, source(1, 10)))
          .isInstanceOf(QueryCanceled.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void theLookbackCanBeChanged() {
    Expr expr = engine.parse("x");
    QueryLimits shortLookback = QueryLimits.DEFAULT.withLookback(Duration.ofSeconds(10));
    assertThat(engine.instant(expr, 12_000, source(1, 3), shortLookback).value())
        .isEqualTo(new Value.Vector(12_000, List.of()));
    assertThat(engine.instant(expr, 11_999, source(1, 3), shortLookback).value())
        .isEqualTo(
            new Value.Vector(
                11_999, List.of(new Value.Element(Labels.of("__name__", "x", "i", "0"), 2))));
  }

  @Test
  void timesThatCouldOverflowAreRefused() {
    Expr expr = engine.parse("x");
    assertThatThrownBy(() -> engine.instant(expr, Long.MAX_VALUE, source(1, 1)))
        .isInstanceOf(EvaluationError.class)
        .hasMessageContaining("out of bounds");
  }

  @ParameterizedTest
  @CsvSource({
    "1 + 1, SCALAR",
    "'\"a\"', STRING",
    "x[5m], RANGE_VECTOR",
    "x[5m:], RANGE_VECTOR",
    "(x), INSTANT_VECTOR",
    "x > 1, INSTANT_VECTOR",
    "scalar(x), SCALAR",
  })
  void tellsTypes(String query, ValueType type) {
    assertThat(engine.typeOf(engine.parse(query))).isEqualTo(type);
  }

  @Test
  void placesOfErrorsCountLinesAndBytes() {
    assertThatThrownBy(() -> engine.parse("sum(\n  \"ä\" x)"))
        .isInstanceOf(ParseError.class)
        .hasMessageStartingWith("2:8: parse error: ");
  }
}

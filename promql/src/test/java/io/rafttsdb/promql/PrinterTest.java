package io.rafttsdb.promql;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Printer;
import io.rafttsdb.promql.parse.Parser;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the printer writes parses to the same tree. */
class PrinterTest {

  static LongStream seeds() {
    long fresh = System.nanoTime();
    return LongStream.concat(LongStream.range(0, 16), LongStream.range(fresh, fresh + 4));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void printedTextParsesToTheSameTree(long seed) {
    RandomQueries queries = new RandomQueries(seed);
    for (int i = 0; i < 100; i++) {
      roundTrip(queries.vector(i % 5));
    }
  }

  private static void roundTrip(String query) {
    Expr expr = Parser.parse(query);
    String printed = Printer.print(expr);
    assertThat(withoutPlaces(Parser.parse(printed)))
        .as("%s printed as %s", query, printed)
        .isEqualTo(withoutPlaces(expr));
  }

  private static String withoutPlaces(Expr expr) {
    return expr.toString().replaceAll("Span\\[[^]]*\\]", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "x | x",
        "x{} | x",
        "{__name__=\"x\"} | x",
        "{'a.b', c!~'d'} | {\"a.b\",c!~\"d\"}",
        "{\"sum\"} | {\"sum\"}",
        "{'odd name'='1', x='2'} | {\"odd name\"=\"1\",x=\"2\"}",
        "{__name__=~'y.z'} | {__name__=~\"y.z\"}",
        "x{a='\\'\"\\n\\u00e9'} | x{a=\"'\\\"\\né\"}",
        "SUM(x)BY(a,b) | sum by (a, b) (x)",
        "sum without()(x) | sum without () (x)",
        "topk(3,x) by (a) | topk by (a) (3, x)",
        "a+b*c^d^e | a + b * c ^ d ^ e",
        "(a+b)*c | (a + b) * c",
        "-a^2 | -a ^ 2",
        "-1^2 | -1 ^ 2",
        "a OR b AND c UNLESS d | a or b and c unless d",
        "a>bool 1 | a > bool 1",
        "a/on(x)group_left(y)b | a / on (x) group_left (y) b",
        "a*ignoring(x)group_right b | a * ignoring (x) group_right () b",
        "a atan2 b | a atan2 b",
        "rate(x[300]) | rate(x[5m])",
        "rate(x[1h30m] offset 1d) | rate(x[1h30m] offset 1d)",
        "x offset -5m @ 10.5 | x @ 10.500 offset -5m",
        "x @ end() offset 7 | x @ end() offset 7s",
        "max_over_time(rate(x[5m])[1h:]@start()) | max_over_time(rate(x[5m])[1h:] @ start())",
        "avg_over_time((a)[1h:30s] offset 10m) | avg_over_time((a)[1h:30s] offset 10m)",
        "1e3 + 0x1F + .5 + 1_000 + 017 | 1000 + 31 + 0.5 + 1000 + 15",
        "Inf - NaN + 5m | +Inf - NaN + 5m",
        "x # comment | x",
        "and{or='1'} | {\"and\",or=\"1\"}",
        "by + offset | {\"by\"} + {\"offset\"}",
        "a:b:c | a:b:c",
      })
  void canonicalText(String query, String expected) {
    assertThat(Printer.print(Parser.parse(query))).isEqualTo(expected);
    roundTrip(query);
  }
}

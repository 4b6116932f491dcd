package io.rafttsdb.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.ast.Printer;
import io.rafttsdb.promql.parse.ParseError;
import io.rafttsdb.promql.parse.Parser;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the text: a tree or a ParseError, soon. */
class ParserFuzzTest {

  /** What a thread has by default on 64-bit Linux. */
  private static final long STACK_BYTES = 1 << 20;

  private static final List<String> PIECES =
      List.of(
          "sum",
          "by",
          "(",
          ")",
          "{",
          "}",
          "[",
          "]",
          ":",
          ",",
          "x",
          "a=\"b\"",
          "=~",
          "!~",
          "==",
          "\"",
          "'",
          "`",
          "\\",
          "5m",
          "1",
          "0x",
          "1e",
          "_",
          "offset",
          "@",
          "start()",
          "-",
          "+",
          "^",
          "and",
          "on",
          "ignoring",
          "group_left",
          "bool",
          "rate",
          "#",
          "\n",
          " ",
          "é",
          "\uD800",
          "\"\\x\"",
          "9999999999999999999y",
          "1e999",
          "inf",
          "topk",
          "%",
          "histogram_count",
          "//");

  static LongStream seeds() {
    long fresh = System.nanoTime();
    return LongStream.concat(LongStream.range(0, 16), LongStream.range(fresh, fresh + 4));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void arbitraryTextIsParsedOrRefused(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomQueries queries = new RandomQueries(seed);
    for (int i = 0; i < 500; i++) {
      tryParse(i % 2 == 0 ? pieces(random) : broken(queries.vector(2), random));
    }
  }

  private static String pieces(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(20); n >= 0; n--) {
      text.append(
          random.nextInt(10) == 0
              ? Character.toString(random.nextInt(0x10ffff))
              : PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  private static String broken(String query, SplittableRandom random) {
    StringBuilder text = new StringBuilder(query);
    for (int n = random.nextInt(3); n >= 0; n--) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(3)) {
        case 0 -> text.deleteCharAt(at);
        case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        default -> text.setCharAt(at, (char) random.nextInt(32, 127));
      }
      if (text.isEmpty()) {
        break;
      }
    }
    return text.toString();
  }

  private static @Nullable Expr tryParse(String text) {
    try {
      return Parser.parse(text);
    } catch (ParseError e) {
      assertThat(e.getMessage()).matches("(?s)[0-9]+:[0-9]+: parse error: .+");
      assertThat(e.offset()).isBetween(0, text.length());
      return null;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "-", "abs(", "1^", "sum by (a) (", "x[5m:][5m:]", "x + ", "{a='"})
  void repetitionEndsWithAnError(String piece) {
    assertThatThrownBy(() -> Parser.parse(piece.repeat(100_000))).isInstanceOf(ParseError.class);
  }

  @Test
  void longChainsAreRefusedLikeDeepNesting() {
    String chain = "x" + " + x".repeat(Parser.DEPTH_MAX);
    assertThatThrownBy(() -> Parser.parse(chain))
        .isInstanceOf(ParseError.class)
        .hasMessageContaining("nested more than " + Parser.DEPTH_MAX + " levels");
  }

  @ParameterizedTest
  @ValueSource(strings = {"abs(", "-(", "sum((", "1 + ("})
  void theDeepestTreesFitAThreadsStack(String piece) throws InterruptedException {
    String deep = "";
    for (int n = Parser.DEPTH_MAX; deep.isEmpty() && n > 0; n--) {
      String text =
          piece.repeat(n) + "x" + ")".repeat((int) piece.chars().filter(c -> c == '(').count() * n);
      if (tryParse(text) != null) {
        deep = text;
      }
    }
    String query = deep;
    assertThat(query.length()).isGreaterThan(200);
    AtomicReference<@Nullable Throwable> problem = new AtomicReference<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              Expr expr = Parser.parse(query);
              assertThat(Printer.print(expr)).isNotEmpty();
              var _ =
                  new PromQl(QueryLimits.DEFAULT)
                      .range(expr, 300_000, 600_000, 60_000, RandomData.source(1));
            },
            "one stack",
            STACK_BYTES);
    thread.setUncaughtExceptionHandler((_, e) -> problem.set(e));
    thread.start();
    thread.join();
    assertThat(problem.get()).isNull();
  }
}

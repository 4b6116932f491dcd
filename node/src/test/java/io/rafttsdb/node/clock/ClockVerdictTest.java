package io.rafttsdb.node.clock;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.node.clock.ClockVerdict.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClockVerdictTest {

  /** Others' clocks ahead of this one, in seconds. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // voters | others     | before  | verdict  | offset to the median, s
        "1 |                   | UNKNOWN | FIT      | 0",
        "3 |                   | FIT     | UNKNOWN  | 0",
        "3 |                   | UNFIT   | UNKNOWN  | 0",
        "3 | 0 0               | UNKNOWN | FIT      | 0",
        "3 | -3600 -3600       | FIT     | UNFIT    | 3600",
        "3 | 3600 3601         | FIT     | UNFIT    | -3600",
        "3 | 0 3600            | FIT     | FIT      | 0",
        "3 | -3600 3600        | FIT     | FIT      | 0",
        "3 | 60 60             | FIT     | FIT      | -60",
        "3 | 61 61             | FIT     | UNFIT    | -61",
        "3 | 45 45             | UNFIT   | UNFIT    | -45",
        "3 | 30 30             | UNFIT   | FIT      | -30",
        "3 | 10                | UNKNOWN | FIT      | 0",
        "3 | 3600              | FIT     | DISPUTED | 0",
        "2 | -3600             | FIT     | DISPUTED | 0",
        "2 |                   | FIT     | UNKNOWN  | 0",
        "4 | 3600 3600         | FIT     | UNFIT    | -3600",
        "4 | 3600 3600 0       | FIT     | DISPUTED | 0",
        "4 | 3600 3600 3600    | FIT     | UNFIT    | -3600",
        "5 | 3600 3600 0 0     | FIT     | FIT      | 0",
        "5 | 3600              | FIT     | UNKNOWN  | 0",
      })
  void judgesByTheMedianOfAMajority(
      int voters, String others, Kind before, Kind expected, long offsetS) {
    List<Long> aheadMs =
        others == null
            ? List.of()
            : Arrays.stream(others.split(" ")).map(each -> 1000 * Long.parseLong(each)).toList();

    assertThat(ClockVerdict.of(new ClockVerdict(before, 0), voters, aheadMs))
        .isEqualTo(new ClockVerdict(expected, 1000 * offsetS));
  }

  @Test
  void anotherClockIsFitByTheSameMedian() {
    ClockVerdict hourAhead = new ClockVerdict(Kind.UNFIT, 3_600_000);
    assertThat(hourAhead.isFit(-3_600_000)).isTrue();
    assertThat(hourAhead.isFit(-3_540_000)).isTrue();
    assertThat(hourAhead.isFit(-3_539_999)).isFalse();
    assertThat(hourAhead.isFit(0)).isFalse();
    assertThat(new ClockVerdict(Kind.DISPUTED, 0).isFit(0)).isFalse();
    assertThat(ClockVerdict.NONE.isFit(0)).isFalse();
  }

  @Test
  void aRefusalSaysByHowMuch() {
    assertThat(new ClockVerdict(Kind.UNFIT, 3_600_040).refusal())
        .startsWith("this leader's clock is 3600.0 s ahead of the median");
    assertThat(new ClockVerdict(Kind.UNFIT, -61_250).refusal())
        .contains("61.3 s behind the median");
    assertThat(new ClockVerdict(Kind.DISPUTED, 0).refusal()).contains("in doubt of its clock");
    assertThat(new ClockVerdict(Kind.FIT, 59_000).refusal()).isEmpty();
    assertThat(ClockVerdict.NONE.refusal()).isEmpty();
  }

  @Test
  void aClockThatJumpsIsNotBelievedBeforeItIsComparedAgain() {
    AtomicLong wall = new AtomicLong(1_000_000_000);
    AtomicLong steadyNanos = new AtomicLong(0);
    ClockGauge gauge =
        new ClockGauge(() -> java.time.Instant.ofEpochMilli(wall.get()), steadyNanos::get);
    assertThat(gauge.isTrusted()).isFalse(); // never compared
    assertThat(gauge.refusal()).isEmpty();

    gauge.judged(new ClockVerdict(Kind.FIT, 5), gauge.wallLessSteadyMs());
    wall.addAndGet(500_000);
    steadyNanos.addAndGet(500_000_000_000L);
    assertThat(gauge.isTrusted()).isTrue(); // time went by

    wall.addAndGet(60_001);
    assertThat(gauge.isTrusted()).isFalse();
    assertThat(gauge.refusal()).contains("was set by 60001 ms");
    wall.addAndGet(-120_002);
    assertThat(gauge.refusal()).contains("was set by -60001 ms");

    gauge.judged(new ClockVerdict(Kind.FIT, -7), gauge.wallLessSteadyMs());
    assertThat(gauge.isTrusted()).isTrue();
    assertThat(gauge.refusal()).isEmpty();
  }
}

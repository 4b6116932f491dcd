package io.rafttsdb.storage.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.compact.CutPlanner.HeadSpan;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CutPlannerTest {

  private static final long NEVER = Long.MIN_VALUE;

  @ParameterizedTest
  @CsvSource({
    // Exactly one and a half ranges is not more.
    "0, 150, 0, -1",
    "0, 151, 0, 100",
    "99, 249, 0, -1",
    "99, 250, 0, 100",
    "100, 251, 0, 200",
    // After a gap, one range at a time.
    "10, 9999, 0, 100",
    "310, 9999, 0, 400",
    // What was sealed before does not come again.
    "110, 351, 200, 300",
    "110, 350, 200, -1",
    "110, 150, 200, -1",
    // Before 1970.
    "-150, 1, 0, -100",
    "-100, 51, 0, 0",
  })
  void cutsTheOldestRange(long minMs, long maxMs, long sealedUpToMs, long upToMs) {
    long sealedMs = sealedUpToMs == 0 ? NEVER : sealedUpToMs;
    assertThat(CutPlanner.upToMs(new HeadSpan(minMs, maxMs, sealedMs, 1), 100))
        .isEqualTo(upToMs == -1 ? OptionalLong.empty() : OptionalLong.of(upToMs));
  }

  @Test
  void waitsWhileTwoPartsWait() {
    assertThat(CutPlanner.upToMs(new HeadSpan(0, 1000, NEVER, 1), 100)).hasValue(100);
    assertThat(CutPlanner.upToMs(new HeadSpan(0, 1000, NEVER, 2), 100)).isEmpty();
    assertThat(CutPlanner.upToMs(new HeadSpan(0, 1000, NEVER, 3), 100)).isEmpty();
  }

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 100), new SplittableRandom().longs(25).map(Math::abs));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void refusesNothingThatWasGood(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long rangeMs = 1 + random.nextLong(1L << random.nextInt(1, 45));
    long a = random.nextLong() >> random.nextInt(64);
    long b = random.nextLong() >> random.nextInt(64);
    HeadSpan head = new HeadSpan(Math.min(a, b), Math.max(a, b), NEVER, 0);
    OptionalLong cut = CutPlanner.upToMs(head, rangeMs);
    if (cut.isPresent()) {
      long upToMs = cut.getAsLong();
      assertThat(Math.floorMod(upToMs, rangeMs)).isZero();
      assertThat(upToMs).isGreaterThan(head.minMs());
      assertThat(upToMs).isLessThanOrEqualTo(head.maxMs() - rangeMs / 2);
    } else {
      assertThat(head.maxMs() - head.minMs()).isBetween(0L, rangeMs + rangeMs / 2);
    }
  }

  @Test
  void refusesWhatIsNoHead() {
    assertThatThrownBy(() -> new HeadSpan(2, 1, NEVER, 0)).hasMessage("Head from 2 to 1");
    assertThatThrownBy(() -> new HeadSpan(1, 1, NEVER, -1)).hasMessage("-1 sealed parts");
    assertThatThrownBy(() -> CutPlanner.upToMs(new HeadSpan(1, 1, NEVER, 0), 0))
        .hasMessage("block range of 0 ms");
  }
}

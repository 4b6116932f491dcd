package io.rafttsdb.storage.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.chunk.RandomHistograms;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HistogramTest {

  private static final BucketSpans TWO = BucketSpans.of(-1, 2);

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 24), new SplittableRandom().longs(4).map(Math::abs));
  }

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }

  private static BucketLayout layout(BucketSpans positive, BucketSpans negative) {
    return BucketLayout.exponential(3, bits(0x1p-128), positive, negative);
  }

  private static IntegerHistogram counts(long count, long zero, double sum, long... deltas) {
    return new IntegerHistogram(
        layout(TWO, BucketSpans.NONE),
        CounterResetHint.UNKNOWN,
        count,
        zero,
        bits(sum),
        deltas,
        new long[0]);
  }

  @Test
  void theCountIsTheSumOfBuckets() {
    assertThat(counts(9, 1, 5, 3, 2).problem()).isNull();
    assertThat(counts(10, 1, 5, 3, 2).problem())
        .isEqualTo(
            "9 observations found in buckets, but the Count field is 10: histogram's observation"
                + " count should equal the number of observations found in the buckets (in absence"
                + " of NaN)");
  }

  @Test
  void withANanAmongThemTheCountMayBeMore() {
    assertThat(counts(10, 1, Double.NaN, 3, 2).problem()).isNull();
    assertThat(counts(8, 1, Double.NaN, 3, 2).problem())
        .startsWith("9 observations found in buckets, but the Count field is 8: ")
        .contains("should be at least");
  }

  @Test
  void noBucketIsNegative() {
    assertThat(counts(3, 0, 5, 3, -4).problem())
        .isEqualTo(
            "positive side: bucket number 2 has observation count of -1: histogram has a bucket"
                + " whose observation count is negative");
    FloatHistogram floats =
        new FloatHistogram(
            layout(BucketSpans.NONE, TWO),
            CounterResetHint.GAUGE,
            bits(1),
            0,
            0,
            new long[0],
            new long[] {bits(-0.0), bits(-0.5)});
    assertThat(floats.problem())
        .isEqualTo(
            "negative side: bucket number 2 has observation count of -0.5: histogram has a bucket"
                + " whose observation count is negative");
  }

  @Test
  void spansFitBuckets() {
    assertThatThrownBy(() -> counts(9, 1, 5, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "positive side: spans need 2 buckets, have 1 buckets: histogram spans specify different"
                + " number of buckets than provided");
    assertThat(BucketSpans.problemOf(new int[] {Integer.MAX_VALUE, 1}, new int[] {0, 1}))
        .isEqualTo("span number 2 ends at bucket 2147483649, expected 32 bits");
    assertThat(BucketSpans.problemOf(new int[] {1}, new int[] {-1}))
        .isEqualTo("span number 1 with length 4294967295");
    IntegerHistogram twice =
        new IntegerHistogram(
            layout(BucketSpans.of(-7, 1, -1, 1), BucketSpans.NONE),
            CounterResetHint.UNKNOWN,
            2,
            0,
            bits(2),
            new long[] {1, 0},
            new long[0]);
    assertThat(twice.problem())
        .isEqualTo(
            "positive side: span number 2 with offset -1: histogram has a span whose offset is"
                + " negative");
  }

  private static IntegerHistogram custom(BucketSpans spans, double... bounds) {
    long[] boundBits = Arrays.stream(bounds).mapToLong(HistogramTest::bits).toArray();
    return new IntegerHistogram(
        BucketLayout.custom(spans, boundBits),
        CounterResetHint.UNKNOWN,
        0,
        0,
        0,
        new long[spans.bucketCount()],
        new long[0]);
  }

  @Test
  void customBoundsAscendAndAreEnough() {
    assertThat(custom(BucketSpans.of(0, 3), 1, 2).problem()).isNull();
    assertThat(custom(BucketSpans.of(0, 3), 2, 2).problem())
        .isEqualTo(
            "custom buckets: previous bound is 2.0 and current is 2.0: histogram custom bounds must"
                + " be in strictly increasing order");
    assertThat(custom(BucketSpans.of(0, 1), 1, Double.NaN).problem())
        .contains("strictly increasing");
    assertThat(custom(BucketSpans.of(0, 1), 1, Double.POSITIVE_INFINITY).problem())
        .contains("must be finite");
    assertThat(custom(BucketSpans.of(1, 1, 1, 1), 1, 2).problem())
        .isEqualTo(
            "custom buckets: only 2 custom bounds defined which is insufficient to cover total span"
                + " length of 4: histogram custom bounds are too few");
    assertThat(custom(BucketSpans.of(-1, 1), 1, 2).problem())
        .isEqualTo(
            "custom buckets: span number 1 with offset -1: histogram has a span whose offset is"
                + " negative");
  }

  @Test
  void customBucketsHaveNoZeroBucketAndNoNegativeOnes() {
    BucketLayout layout =
        new BucketLayout(-53, bits(1), BucketSpans.NONE, TWO, new long[] {bits(1)});
    IntegerHistogram zero =
        new IntegerHistogram(layout, CounterResetHint.UNKNOWN, 1, 1, 0, new long[0], new long[2]);
    assertThat(zero.problem()).isEqualTo("custom buckets: must have zero count of 0");
    FloatHistogram threshold =
        new FloatHistogram(
            layout, CounterResetHint.UNKNOWN, 0, bits(-0.0), 0, new long[0], new long[2]);
    assertThat(threshold.problem()).isEqualTo("custom buckets: must have zero threshold of 0");
    assertThat(
            new FloatHistogram(
                    new BucketLayout(-53, 0, BucketSpans.NONE, TWO, new long[0]),
                    CounterResetHint.UNKNOWN,
                    0,
                    0,
                    0,
                    new long[0],
                    new long[2])
                .problem())
        .isEqualTo("custom buckets: must not have negative spans");
  }

  @Test
  void schemasAreKnown() {
    assertThatThrownBy(() -> BucketLayout.exponential(9, 0, TWO, TWO))
        .hasMessage("histogram data with unknown schema 9");
    assertThatThrownBy(
            () -> new BucketLayout(0, 0, BucketSpans.NONE, BucketSpans.NONE, new long[] {1}))
        .hasMessage("histogram with exponential schema 0 must not have custom bounds");
    IntegerHistogram threshold =
        new IntegerHistogram(
            BucketLayout.exponential(0, bits(-1), BucketSpans.NONE, BucketSpans.NONE),
            CounterResetHint.UNKNOWN,
            0,
            0,
            0,
            new long[0],
            new long[0]);
    assertThat(threshold.problem()).isEqualTo("zero threshold -1.0, expected 0 or more");
  }

  @Test
  void emptyBucketsAndTheHintOfACounterDoNotMatter() {
    IntegerHistogram narrow = counts(9, 1, 5, 3, 2);
    BucketLayout wide = layout(BucketSpans.of(-3, 1, 1, 0, 0, 5), BucketSpans.of(0, 2));
    assertThat(narrow.in(wide)).isNotEqualTo(narrow);
    assertThat(narrow.in(wide).positiveDeltas()).containsExactly(0, 3, 2, -5, 0, 0);
    assertThat(narrow.in(wide).with(CounterResetHint.RESET).sameSample(narrow)).isTrue();
    assertThat(narrow.with(CounterResetHint.GAUGE).sameSample(narrow)).isFalse();
    assertThat(counts(9, 1, 5, 2, 4).sameSample(narrow)).isFalse();
    assertThat(counts(9, 1, -0.0, 3, 2).sameSample(counts(9, 1, 0.0, 3, 2))).isFalse();
    assertThatThrownBy(() -> narrow.in(layout(BucketSpans.of(0, 1), BucketSpans.NONE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bucket -1");
  }

  @Test
  void staleMarkersAreTheSameWhateverElseTheySay() {
    IntegerHistogram stale =
        new IntegerHistogram(
            layout(TWO, TWO),
            CounterResetHint.GAUGE,
            1,
            2,
            Samples.STALE,
            new long[] {1, 1},
            new long[] {-9, 1});
    assertThat(stale.problem()).isNull();
    assertThat(stale.sameSample(IntegerHistogram.stale(CounterResetHint.UNKNOWN))).isTrue();
    assertThat(stale.sameSample(FloatHistogram.stale(CounterResetHint.GAUGE))).isFalse();
    assertThat(HistogramEncoding.decode(HistogramEncoding.encode(stale)))
        .isEqualTo(IntegerHistogram.stale(CounterResetHint.GAUGE));
  }

  @Test
  void zeroHasNoSignInALayout() {
    assertThat(BucketLayout.exponential(0, bits(-0.0), TWO, TWO))
        .isEqualTo(BucketLayout.exponential(0, 0, TWO, TWO));
    assertThat(BucketLayout.custom(TWO, new long[] {bits(-0.0)}))
        .isEqualTo(BucketLayout.custom(TWO, new long[] {0}));
  }

  @Test
  void theBytesOfTheFormatDocument() {
    assertThat(HexFormat.of().formatHex(HistogramEncoding.encode(counts(9, 1, 5.0, 3, 2))))
        .isEqualTo(
            "10"
                + "06"
                + "000000000000f037"
                + "01"
                + "01"
                + "02"
                + "00"
                + "09"
                + "01"
                + "0000000000001440"
                + "06"
                + "04");
    assertThat(
            HexFormat.of()
                .formatHex(HistogramEncoding.encode(FloatHistogram.stale(CounterResetHint.GAUGE))))
        .isEqualTo("0f");
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void bytesGiveTheHistogramBack(long seed) {
    RandomHistograms series = RandomHistograms.any(new SplittableRandom(seed));
    for (int i = 0; i < 100; i++) {
      NativeHistogram histogram = series.next();
      byte[] encoded = HistogramEncoding.encode(histogram);
      assertThat(HistogramEncoding.decode(encoded)).isEqualTo(histogram);
      assertThat(HistogramEncoding.encode(HistogramEncoding.decode(encoded))).isEqualTo(encoded);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void otherBytesAreRefusedOrAreTheOneFormOfAHistogram(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomHistograms series = RandomHistograms.any(random);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = HistogramEncoding.encode(series.next());
      for (int flips = random.nextInt(3); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      bytes = random.nextInt(3) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
      try {
        assertThat(HistogramEncoding.encode(HistogramEncoding.decode(bytes))).isEqualTo(bytes);
      } catch (IllegalArgumentException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
  }
}

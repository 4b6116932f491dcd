package io.rafttsdb.node.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.node.ingest.HistogramDecoder.BadHistogram;
import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.Samples;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class HistogramDecoderTest {

  private static final long NOW = 1_700_000_000_000L;

  private final HistogramDecoder decoder = new HistogramDecoder();

  private NativeHistogram decode(byte[] message) throws BadRequest, BadHistogram {
    decoder.read(message, 0, message.length);
    return decoder.histogram();
  }

  static LongStream seeds() {
    return LongStream.concat(LongStream.range(0, 12), new Random().longs(4));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatWasSentIsDecodedBitForBit(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 100; i++) {
      NativeHistogram histogram = RawHistogram.any(random);
      long timestampMs = random.nextLong();
      assertThat(decode(RawHistogram.of(timestampMs, histogram))).isEqualTo(histogram);
      assertThat(decoder.timestampMs()).isEqualTo(timestampMs);
    }
  }

  @Test
  void anEmptyMessageIsAHistogramOfNothing() throws Exception {
    assertThat(decode(new byte[0]))
        .isEqualTo(
            new IntegerHistogram(
                BucketLayout.EMPTY, CounterResetHint.UNKNOWN, 0, 0, 0, new long[0], new long[0]));
    assertThat(decoder.timestampMs()).isZero();
  }

  @Test
  void numbersComeOneByOneTooAndTheLastOfAFieldCounts() throws Exception {
    byte[] message =
        new RawRequest()
            .varint(12, RawHistogram.zigzag(4)) // of the other kind of histogram: passed over
            .varint(1, 7)
            .fixed64(2, Double.doubleToRawLongBits(5))
            .varint(6, 3) // likewise
            .fixed64(10, Double.doubleToRawLongBits(1))
            .fixed64(10, Double.doubleToRawLongBits(2))
            .field(8, RawHistogram.span(-3, 2))
            .fixed64(3, 1)
            .fixed64(3, Double.doubleToRawLongBits(-0.0))
            .varint(4, RawHistogram.zigzag(-4))
            .varint(99, 1)
            .varint(14, 3)
            .varint(15, NOW)
            .bytes();
    assertThat(decode(message))
        .isEqualTo(
            new FloatHistogram(
                BucketLayout.exponential(-4, 0, BucketSpans.NONE, BucketSpans.of(-3, 2)),
                CounterResetHint.GAUGE,
                Double.doubleToRawLongBits(5),
                0,
                Double.doubleToRawLongBits(-0.0),
                new long[0],
                new long[] {Double.doubleToRawLongBits(1), Double.doubleToRawLongBits(2)}));
  }

  @Test
  void aStaleMarkerIsOneWhateverItsNumbersAre() throws Exception {
    RawRequest message = new RawRequest().fixed64(3, Samples.STALE).varint(4, 98).varint(1, 9);
    assertThat(decode(message.bytes())).isEqualTo(IntegerHistogram.stale(CounterResetHint.UNKNOWN));
    message.fixed64(2, 0).varint(14, 3);
    assertThat(decode(message.bytes())).isEqualTo(FloatHistogram.stale(CounterResetHint.GAUGE));
  }

  /** One bucket that has two observations, and as many in all as is said. */
  private static RawRequest counts(int count) {
    return new RawRequest()
        .varint(1, count)
        .field(11, RawHistogram.span(0, 1))
        .varint(12, RawHistogram.zigzag(2));
  }

  private static RawRequest custom(double... bounds) {
    RawRequest message = counts(2).varint(4, RawHistogram.zigzag(-53));
    for (double bound : bounds) {
      message.fixed64(16, Double.doubleToRawLongBits(bound));
    }
    return message;
  }

  static Stream<Arguments> wrongOnes() {
    return Stream.of(
        Arguments.of(
            counts(3),
            "2 observations found in buckets, but the Count field is 3: histogram's observation"
                + " count should equal the number of observations found in the buckets (in absence"
                + " of NaN)"),
        Arguments.of(
            counts(1).fixed64(3, Samples.NAN),
            "2 observations found in buckets, but the Count field is 1: histogram's observation"
                + " count should be at least the number of observations found in the buckets"),
        Arguments.of(
            counts(2).field(11, RawHistogram.span(-1, 0)),
            "positive side: span number 2 with offset -1: histogram has a span whose offset is"
                + " negative"),
        Arguments.of(
            counts(2).field(8, RawHistogram.span(0, 2)),
            "negative side: spans need 2 buckets, have 0 buckets: histogram spans specify different"
                + " number of buckets than provided"),
        Arguments.of(
            counts(0).field(8, RawHistogram.span(0, 1)).varint(9, RawHistogram.zigzag(-2)),
            "negative side: bucket number 1 has observation count of -2: histogram has a bucket"
                + " whose observation count is negative"),
        Arguments.of(
            counts(2).varint(4, RawHistogram.zigzag(9)), "histogram data with unknown schema 9"),
        Arguments.of(
            custom(2, 1),
            "custom buckets: previous bound is 2.0 and current is 1.0: histogram custom bounds must"
                + " be in strictly increasing order"),
        Arguments.of(
            custom(1, Double.POSITIVE_INFINITY),
            "custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds"
                + " must be finite"),
        Arguments.of(custom(1).varint(6, 1), "custom buckets: must have zero count of 0"),
        Arguments.of(counts(2).varint(14, 4), "expected a counter reset hint from 0 to 3, got 4"));
  }

  @ParameterizedTest
  @MethodSource("wrongOnes")
  void aWrongOneIsRefusedInTheWordsOfPrometheus(RawRequest message, String words) {
    assertThatThrownBy(() -> decode(message.varint(15, NOW).bytes()))
        .isInstanceOf(BadHistogram.class)
        .hasMessage(words);
    assertThat(decoder.timestampMs()).isEqualTo(NOW);
  }

  @Test
  void moreBucketsThanTheLimitAreRefused() throws Exception {
    RawRequest message =
        new RawRequest().field(11, RawHistogram.span(0, HistogramDecoder.BUCKETS_MAX));
    RawRequest deltas = new RawRequest();
    for (int i = 0; i < HistogramDecoder.BUCKETS_MAX; i++) {
      deltas.varint(0);
    }
    message.field(12, deltas.bytes());
    assertThat(decode(message.bytes()).layout().positive().bucketCount())
        .isEqualTo(HistogramDecoder.BUCKETS_MAX);
    message.varint(12, 0);
    assertThatThrownBy(() -> decode(message.bytes()))
        .isInstanceOf(BadHistogram.class)
        .hasMessage("native histogram with 10001 buckets a side, expected at most 10000");
  }

  @Test
  void moreBytesThanTheLimitAreRefused() {
    byte[] message =
        new RawRequest().varint(15, NOW).field(99, new byte[HistogramDecoder.BYTES_MAX]).bytes();
    assertThatThrownBy(() -> decode(message))
        .isInstanceOf(BadHistogram.class)
        .hasMessage("native histogram of " + message.length + " bytes, expected at most 262144");
  }

  @Test
  void spansOfMoreBucketsThanThereAreTakeNoMemory() {
    byte[] message =
        new RawRequest().field(11, RawHistogram.span(0, Integer.MAX_VALUE)).varint(12, 2).bytes();
    assertThatThrownBy(() -> decode(message))
        .isInstanceOf(BadHistogram.class)
        .hasMessageContaining("spans need 2147483647 buckets, have 1 buckets");
  }
}

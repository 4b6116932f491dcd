package io.rafttsdb.storage.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Samples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HistogramChunkTest {

  private static final long[] ODD_NUMBERS = {
    0,
    1,
    -1,
    3,
    4,
    5,
    -3,
    -4,
    31,
    32,
    33,
    -31,
    -32,
    255,
    256,
    257,
    -255,
    -256,
    2047,
    2048,
    2049,
    131071,
    131072,
    131073,
    16777216,
    16777217,
    1L << 55,
    (1L << 55) + 1,
    -(1L << 55),
    1L << 56,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1,
    Samples.STALE,
    Samples.NAN,
    0x8000000000000000L,
    Double.doubleToRawLongBits(Double.POSITIVE_INFINITY),
    Double.doubleToRawLongBits(1.0),
  };

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 24), new SplittableRandom().longs(4).map(Math::abs));
  }

  /** One sample of a series as it was given. */
  private record Sample(long timestampMs, NativeHistogram histogram) {}

  @Test
  void numbersTakeTheirWidths() {
    BitWriter out = new BitWriter(0);
    for (long number : ODD_NUMBERS) {
      out.putVarbitInt(number);
      out.putVarbitUint(number);
    }
    BitReader in = new BitReader(out.array(), 0);
    for (long number : ODD_NUMBERS) {
      assertThat(in.takeVarbitInt()).isEqualTo(number);
      assertThat(in.takeVarbitUint()).isEqualTo(number);
    }
    assertThat(in.bitLength()).isEqualTo(out.bitLength());
  }

  @Test
  void aNumberIsItsCountOfOnesAndTheNumber() {
    assertThat(varbitInt(0)).isEqualTo("0");
    assertThat(varbitInt(1)).isEqualTo("10001");
    assertThat(varbitInt(4)).isEqualTo("10100");
    assertThat(varbitInt(-3)).isEqualTo("10101");
    assertThat(varbitInt(-4)).isEqualTo("110111100");
    assertThat(varbitInt(257)).isEqualTo("11110000100000001");
    assertThat(varbitInt(Long.MIN_VALUE)).isEqualTo("11111111" + "1" + "0".repeat(63));
  }

  private static String varbitInt(long number) {
    BitWriter out = new BitWriter(0);
    out.putVarbitInt(number);
    StringBuilder bits = new StringBuilder();
    for (int i = 0; i < out.bitLength(); i++) {
      bits.append(out.array()[i >> 3] >> (7 - (i & 7)) & 1);
    }
    return bits.toString();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void returnsWhatItWasGiven(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomHistograms series = RandomHistograms.any(random);
    List<Sample> given = new ArrayList<>();
    List<byte[]> chunks = new ArrayList<>();
    SampleKind kind = null;
    HistogramWriter writer = null;
    long timestampMs = random.nextInt(5) == 0 ? random.nextLong() : 1_700_000_000_000L;
    for (int i = 0; i < 300; i++) {
      NativeHistogram next = series.next();
      kind = next.kind();
      assertThat(next.problem()).isNull();
      given.add(new Sample(timestampMs, next));
      writer = append(writer, timestampMs, next, chunks);
      timestampMs += random.nextInt(5) == 0 ? random.nextLong() >>> random.nextInt(64) : 15_000;
    }
    chunks.add(Objects.requireNonNull(writer).toBytes());

    int at = 0;
    for (byte[] chunk : chunks) {
      HistogramReader reader =
          new HistogramReader(Objects.requireNonNull(kind), chunk, XorReader.countOf(chunk));
      while (reader.next()) {
        Sample expected = given.get(at++);
        assertThat(reader.timestampMs()).isEqualTo(expected.timestampMs());
        assertThat(reader.histogram().sameSample(expected.histogram()))
            .as("%s for %s", reader.histogram(), expected.histogram())
            .isTrue();
      }
    }
    assertThat(at).isEqualTo(given.size());
  }

  private static HistogramWriter append(
      @Nullable HistogramWriter writer,
      long timestampMs,
      NativeHistogram next,
      List<byte[]> ended) {
    if (writer == null) {
      CounterState state =
          next.hint() == CounterResetHint.GAUGE ? CounterState.GAUGE : CounterState.UNKNOWN;
      return new HistogramWriter(state, timestampMs, next);
    }
    Continuation continuation = writer.continuation(next);
    if (continuation.fits()) {
      writer.append(timestampMs, next, continuation);
      return writer;
    }
    ended.add(writer.toBytes());
    return new HistogramWriter(continuation.ifRefused(), timestampMs, next);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aReaderOfAPrefixIsNotDisturbed(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomHistograms series = RandomHistograms.any(random);
    HistogramWriter writer = null;
    List<HistogramReader> readers = new ArrayList<>();
    List<List<NativeHistogram>> expected = new ArrayList<>();
    List<NativeHistogram> open = new ArrayList<>();
    List<byte[]> ended = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      NativeHistogram next = series.next();
      HistogramWriter before = writer;
      writer = append(writer, i, next, ended);
      if (writer != before) {
        open.clear();
      }
      open.add(next);
      readers.add(new HistogramReader(writer.kind(), writer.array(), writer.count()));
      expected.add(List.copyOf(open));
    }
    for (int i = 0; i < readers.size(); i++) {
      for (NativeHistogram histogram : expected.get(i)) {
        assertThat(readers.get(i).next()).isTrue();
        assertThat(readers.get(i).histogram().sameSample(histogram)).isTrue();
      }
      assertThat(readers.get(i).next()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aWriterThatGoesOnWritesTheSameBytes(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomHistograms series = RandomHistograms.any(random);
    HistogramWriter straight = null;
    HistogramWriter resumed = null;
    List<byte[]> straightEnded = new ArrayList<>();
    List<byte[]> resumedEnded = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      NativeHistogram next = series.next();
      long timestampMs = i * 15_000L + random.nextInt(10);
      straight = append(straight, timestampMs, next, straightEnded);
      resumed = append(resumed, timestampMs, next, resumedEnded);
      if (random.nextInt(4) == 0) {
        resumed = resume(resumed);
      }
      assertThat(resumed.toBytes()).isEqualTo(straight.toBytes());
      assertThat(resumed.array().length).isEqualTo(straight.array().length);
      assertThat(resumed.stateBytes()).isEqualTo(straight.stateBytes());
      assertThat(resumed.newest()).isEqualTo(straight.newest());
    }
    assertThat(hex(resumedEnded)).isEqualTo(hex(straightEnded));
  }

  private static HistogramWriter resume(HistogramWriter writer) {
    byte[] bytes = writer.toBytes();
    HistogramReader reader = new HistogramReader(writer.kind(), bytes, writer.count());
    while (reader.next()) {
      assertThat(reader.read()).isPositive();
    }
    return reader.toWriter();
  }

  private static List<String> hex(List<byte[]> chunks) {
    return chunks.stream().map(HexFormat.of()::formatHex).toList();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void anyBitsAreKept(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    BucketSpans positive = BucketSpans.of(random.nextInt(), random.nextInt(1, 40));
    BucketSpans negative = BucketSpans.of(-3, 2, 7, 0, 0, 3);
    BucketLayout layout =
        BucketLayout.exponential(
            random.nextInt(-4, 9), odd(random) & Long.MAX_VALUE, positive, negative);
    boolean floats = random.nextBoolean();
    List<NativeHistogram> given = new ArrayList<>();
    HistogramWriter writer = null;
    for (int i = 0; i < 100; i++) {
      long sumBits = odd(random);
      NativeHistogram next =
          floats
              ? new FloatHistogram(
                  layout,
                  CounterResetHint.GAUGE,
                  odd(random),
                  odd(random),
                  sumBits == Samples.STALE ? 0 : sumBits,
                  odds(random, positive.bucketCount()),
                  odds(random, 5))
              : new IntegerHistogram(
                  layout,
                  CounterResetHint.GAUGE,
                  odd(random),
                  odd(random),
                  sumBits == Samples.STALE ? 0 : sumBits,
                  odds(random, positive.bucketCount()),
                  odds(random, 5));
      given.add(next);
      if (writer == null) {
        writer = new HistogramWriter(CounterState.GAUGE, odd(random), next);
      } else {
        Continuation continuation = writer.continuation(next);
        assertThat(continuation.fits()).isEqualTo(!isNan(layout.zeroThresholdBits()));
        writer.append(
            odd(random),
            next,
            new Continuation(true, continuation.layout(), CounterState.GAUGE, CounterState.GAUGE));
      }
    }
    HistogramWriter written = Objects.requireNonNull(writer);
    HistogramReader reader = new HistogramReader(written.kind(), written.toBytes(), 100);
    for (NativeHistogram histogram : given) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.histogram()).isEqualTo(histogram);
    }
  }

  private static boolean isNan(long bits) {
    return Double.isNaN(Double.longBitsToDouble(bits));
  }

  private static long odd(SplittableRandom random) {
    return random.nextBoolean()
        ? ODD_NUMBERS[random.nextInt(ODD_NUMBERS.length)]
        : random.nextLong() >> random.nextInt(64);
  }

  private static long[] odds(SplittableRandom random, int count) {
    return random.longs(count).map(_ -> odd(random)).toArray();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void arbitraryBytesGiveSamplesOrCorruptChunk(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      byte[] bytes = hostile(random);
      int count = random.nextInt(1, 300);
      SampleKind kind = random.nextBoolean() ? SampleKind.HISTOGRAM : SampleKind.FLOAT_HISTOGRAM;
      int read = 0;
      try {
        HistogramReader reader = new HistogramReader(kind, bytes, count);
        while (reader.next()) {
          read++;
          assertThat(reader.histogram().kind()).isEqualTo(kind);
        }
        assertThat(read).isEqualTo(count);
      } catch (CorruptChunk e) {
        assertThat(e).hasMessageContaining("expected");
      }
    }
  }

  /** Anything at all, or a chunk with some bits changed or its end lost. */
  private static byte[] hostile(SplittableRandom random) {
    if (random.nextInt(4) == 0) {
      byte[] bytes = new byte[random.nextInt(0, 200)];
      random.nextBytes(bytes);
      return bytes;
    }
    RandomHistograms series = RandomHistograms.any(random);
    HistogramWriter writer = null;
    List<byte[]> ended = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      writer = append(writer, i, series.next(), ended);
    }
    byte[] bytes = Objects.requireNonNull(writer).toBytes();
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
  }

  @Test
  void aChunkThatIsNotAtItsEndCantGoOn() {
    HistogramWriter writer =
        new HistogramWriter(
            CounterState.UNKNOWN, 1, IntegerHistogram.stale(CounterResetHint.UNKNOWN));
    byte[] longer = Arrays.copyOf(writer.toBytes(), writer.sizeBytes() + 1);
    HistogramReader reader = new HistogramReader(SampleKind.HISTOGRAM, longer, 1);
    assertThat(reader.next()).isTrue();
    assertThatThrownBy(reader::toWriter).isInstanceOf(CorruptChunk.class);
  }
}

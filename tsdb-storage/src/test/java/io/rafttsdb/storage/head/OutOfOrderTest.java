package io.rafttsdb.storage.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.RandomHistograms;
import io.rafttsdb.storage.merge.Sample;
import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The samples of a series that came out of order, floats and histograms among each other. */
class OutOfOrderTest {

  private static final long RANGE_MS = 1000;
  private static final int FULL = OutOfOrder.BUFFER_SAMPLES;

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 12), new SplittableRandom().longs(4).map(Math::abs));
  }

  private static BucketLayout layout(int schema) {
    return BucketLayout.exponential(schema, 0, BucketSpans.of(0, 1), BucketSpans.NONE);
  }

  private static IntegerHistogram integers(int schema, long count) {
    return new IntegerHistogram(
        layout(schema), CounterResetHint.UNKNOWN, count, 0, 0, new long[] {count}, new long[0]);
  }

  private static FloatHistogram floats(long count) {
    long bits = Double.doubleToRawLongBits((double) count);
    return new FloatHistogram(
        layout(0), CounterResetHint.UNKNOWN, bits, 0, 0, new long[] {bits}, new long[0]);
  }

  private static FloatHistogram custom(long count, double bound) {
    return new FloatHistogram(
        BucketLayout.custom(BucketSpans.of(0, 1), new long[] {Double.doubleToRawLongBits(bound)}),
        CounterResetHint.UNKNOWN,
        Double.doubleToRawLongBits((double) count),
        0,
        0,
        new long[] {Double.doubleToRawLongBits((double) count)},
        new long[0]);
  }

  /** The histogram that a letter stands for, or null for f, a float. */
  private static @Nullable NativeHistogram of(char letter, int count) {
    return switch (letter) {
      case 'f' -> null;
      case 'i' -> integers(0, count);
      case 'j' -> integers(3, count); // another resolution
      case 'x' -> floats(count);
      case 'c' -> custom(count, 0.5);
      case 'd' -> custom(count, 0.75); // other bounds
      default -> throw new IllegalArgumentException("no sample for " + letter);
    };
  }

  /** Samples at multiples of a step, of which letters say the kinds, inserted from the last on. */
  private static OutOfOrder inserted(String letters, long stepMs) {
    OutOfOrder samples = OutOfOrder.NONE;
    for (int i = letters.length() - 1; i >= 0; i--) {
      samples = samples.with(i * stepMs, i, of(letters.charAt(i), i), RANGE_MS);
    }
    return samples;
  }

  private static String chunks(List<Chunk> chunks) {
    StringBuilder text = new StringBuilder();
    for (Chunk chunk : chunks) {
      char kind =
          switch (chunk.encoding()) {
            case XOR -> 'f';
            case HISTOGRAM -> 'i';
            case FLOAT_HISTOGRAM -> 'x';
          };
      text.append(text.isEmpty() ? "" : " ").append(kind).append(chunk.sampleCount());
    }
    return text.toString();
  }

  /** Runs of 4 samples each, 8 times: 32 in all. */
  @ParameterizedTest
  @CsvSource({
    "f f f f f f f f, 1, f32",
    "i i i i i i i i, 1, i32",
    "f f i i i i f f, 1, f8 i16 f8",
    "i i x x i i x x, 1, i8 x8 i8 x8",
    "i i j j j j i i, 1, i8 i16 i8",
    "x x c c c c d d, 1, x8 x16 x8",
    "f i x c f i x c, 1, f4 i4 x4 x4 f4 i4 x4 x4",
    "f f f f f f f f, 62.5, f16 f16",
    "i i i i i i i i, 50, i20 i12",
    "i i f f i i i i, 50, i8 f8 i4 i12",
    "i i i i i f f f, 50, i20 f12",
  })
  void aFullBufferBecomesAChunkOfEachRun(String runs, double stepMs, String expected) {
    StringBuilder letters = new StringBuilder();
    for (String run : runs.split(" ", -1)) {
      letters.append(run.repeat(4));
    }
    OutOfOrder samples = inserted(letters.toString(), (long) Math.ceil(stepMs));
    assertThat(letters).hasSize(FULL);
    assertThat(chunks(samples.chunks())).isEqualTo(expected);
    assertThat(samples.buffer().isEmpty()).isTrue();
    assertThat(samples.sampleCount()).isEqualTo(FULL);
    assertThat(chunks(samples.merged(RANGE_MS))).isEqualTo(expected);
  }

  @Test
  void aRepeatIsTheSameSampleAndNothingElse() {
    String letters = "fijxcd";
    OutOfOrder inBuffer = inserted(letters, 1);
    OutOfOrder inChunks = inserted(letters + "f".repeat(FULL - letters.length()), 1);
    assertThat(inChunks.chunks()).isNotEmpty();
    for (OutOfOrder samples : List.of(inBuffer, inChunks)) {
      for (int i = 0; i < letters.length(); i++) {
        for (int k = 0; k < letters.length(); k++) {
          Stored expected = i == k ? Stored.SAME_VALUE : Stored.OTHER_VALUE;
          // The number of the sample there, so that only the kind may differ.
          assertThat(samples.find(i, i, of(letters.charAt(k), i)))
              .as("%s at %s", letters.charAt(k), i)
              .isEqualTo(expected);
        }
        assertThat(samples.find(i, i + 100, of(letters.charAt(i), i + 100)))
            .isEqualTo(Stored.OTHER_VALUE);
      }
      assertThat(samples.find(-1, 0, null)).isEqualTo(Stored.NOTHING);
      assertThat(samples.find(-1, 0, floats(0))).isEqualTo(Stored.NOTHING);
    }
  }

  @Test
  void aRangeIsReachedByRunsOfAKind() {
    OutOfOrder samples =
        OutOfOrder.NONE
            .with(100, 0, null, RANGE_MS)
            .with(200, 0, floats(1), RANGE_MS)
            .with(900, 0, null, RANGE_MS)
            .with(1100, 0, null, RANGE_MS);
    assertThat(samples.reaches(100, 100, RANGE_MS)).isTrue();
    assertThat(samples.reaches(101, 199, RANGE_MS)).isFalse();
    assertThat(samples.reaches(201, 899, RANGE_MS)).isFalse();
    assertThat(samples.reaches(901, 1099, RANGE_MS)).isFalse();
    assertThat(samples.reaches(1050, 1100, RANGE_MS)).isTrue();
    OutOfOrder less = samples.delete(150, 950);
    assertThat(less.reaches(150, 950, RANGE_MS)).isFalse();
    assertThat(Sample.rest(less.cursor(0, 5000, RANGE_MS)))
        .containsExactly(Sample.of(100, 0), Sample.of(1100, 0));
  }

  @Test
  void whatComesAfterADeleteIsSeenAlthoughItLiesWithinIt() {
    OutOfOrder samples =
        OutOfOrder.NONE
            .with(100, 0, null, RANGE_MS)
            .with(300, 0, null, RANGE_MS)
            .delete(0, 400)
            .with(200, 7, null, RANGE_MS);
    assertThat(Sample.rest(samples.cursor(0, 5000, RANGE_MS))).containsExactly(Sample.of(200, 7));
    assertThat(samples.reaches(200, 200, RANGE_MS)).isTrue();
    assertThat(samples.find(100, 0, null)).isEqualTo(Stored.SAME_VALUE);
  }

  @Test
  void histogramsOfTheBufferAreAccountedUntilTheyAreInChunks() {
    OutOfOrder one = OutOfOrder.NONE.with(1, 0, null, RANGE_MS);
    OutOfOrder two = one.with(2, 0, floats(1), RANGE_MS);
    assertThat(one.bytes()).isEqualTo(SampleBuffer.SAMPLE_BYTES);
    assertThat(two.bytes()).isGreaterThan(2 * one.bytes() + 64);
    assertThat(two.outside(2, 3).bytes()).isEqualTo(one.bytes());
    OutOfOrder full = inserted("i".repeat(FULL), 1);
    assertThat(full.bytes())
        .isEqualTo(full.chunks().getFirst().data().length + HeadChunk.CHUNK_BYTES);
  }

  /** Any insertions, with what was captured between them, against sorted maps. */
  @ParameterizedTest
  @MethodSource("seeds")
  void holdsWhatWasInserted(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<RandomHistograms> kinds =
        List.of(RandomHistograms.any(random), RandomHistograms.any(random));
    NavigableMap<Long, Sample> model = new TreeMap<>();
    OutOfOrder samples = OutOfOrder.NONE;
    List<OutOfOrder> captured = new ArrayList<>();
    List<List<Sample>> expected = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      long timestampMs = random.nextLong(-3 * RANGE_MS, 5 * RANGE_MS);
      int kind = random.nextInt(3);
      Sample sample =
          kind == 2
              ? Sample.of(timestampMs, random.nextLong())
              : Sample.of(timestampMs, kinds.get(kind).next().stripped());
      assertThat(samples.find(timestampMs, sample.bits(), sample.histogram()))
          .isEqualTo(stored(model.get(timestampMs), sample));
      if (model.putIfAbsent(timestampMs, sample) == null) {
        samples = samples.with(timestampMs, sample.bits(), sample.histogram(), RANGE_MS);
        captured.add(samples);
        expected.add(List.copyOf(model.values()));
      }
    }
    for (int i = 0; i < captured.size(); i += 7) {
      assertThat(all(captured.get(i))).isEqualTo(expected.get(i));
    }
    long fromMs = RANGE_MS;
    long upToMs = 3 * RANGE_MS;
    List<Sample> inside = List.copyOf(model.subMap(fromMs, upToMs).values());
    assertThat(all(samples.between(fromMs, upToMs))).isEqualTo(inside);
    List<Sample> outside = new ArrayList<>(model.values());
    outside.removeAll(inside);
    assertThat(all(samples.outside(fromMs, upToMs))).isEqualTo(outside);
    List<Long> times = new ArrayList<>();
    samples.forEachTime(times::add);
    assertThat(times).containsExactlyInAnyOrderElementsOf(model.keySet());
  }

  private static Stored stored(@Nullable Sample there, Sample sample) {
    if (there == null) {
      return Stored.NOTHING;
    }
    return there.equals(sample) ? Stored.SAME_VALUE : Stored.OTHER_VALUE;
  }

  /** All samples, by chunks which keep to what chunks must keep to. */
  private static List<Sample> all(OutOfOrder samples) {
    List<Sample> all = new ArrayList<>();
    long lastMs = Long.MIN_VALUE;
    for (Chunk chunk : samples.merged(RANGE_MS)) {
      assertThat(chunk.minMs()).isGreaterThan(lastMs);
      assertThat(chunk.maxMs()).isLessThan(ChunkCut.rangeEndMs(chunk.minMs(), RANGE_MS));
      assertThat(chunk.sampleCount()).isBetween(1, ChunkCut.SAMPLES_TARGET);
      lastMs = chunk.maxMs();
      List<Sample> ofChunk = Sample.rest(chunk.samples());
      assertThat(ofChunk.getLast().timestampMs()).isEqualTo(lastMs);
      assertThat(ofChunk).allMatch(sample -> Encoding.of(sample.kind()) == chunk.encoding());
      all.addAll(ofChunk);
    }
    for (Chunk chunk : samples.chunks()) {
      assertThat(chunk.maxMs()).isLessThan(ChunkCut.rangeEndMs(chunk.minMs(), RANGE_MS));
      assertThat(chunk.sampleCount()).isLessThanOrEqualTo(FULL);
    }
    List<Sample> seen = Sample.rest(samples.cursor(Long.MIN_VALUE, Long.MAX_VALUE, RANGE_MS));
    assertThat(seen).isEqualTo(all);
    assertThat(Sample.hintsAreTrue(seen)).isTrue();
    assertThat(samples.deleted()).isEqualTo(Intervals.NONE);
    return all;
  }
}

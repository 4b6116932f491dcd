package io.rafttsdb.storage.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChunkEncoderTest {

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 24), new SplittableRandom().longs(4).map(Math::abs));
  }

  /** A float's bits, or a histogram. */
  private record Sample(long timestampMs, long valueBits, @Nullable NativeHistogram histogram) {
    SampleKind kind() {
      return histogram == null ? SampleKind.FLOAT : histogram.kind();
    }
  }

  private static final class ListCursor implements SampleCursor {
    private final List<Sample> samples;
    private int at = -1;

    ListCursor(List<Sample> samples) {
      this.samples = samples;
    }

    @Override
    public boolean next() {
      at = Math.min(at + 1, samples.size());
      return at < samples.size();
    }

    @Override
    public boolean seek(long timestampMs) {
      while (at < 0 || (at < samples.size() && timestampMs() < timestampMs)) {
        at++;
      }
      return at < samples.size();
    }

    @Override
    public long timestampMs() {
      return samples.get(at).timestampMs;
    }

    @Override
    public long valueBits() {
      return samples.get(at).valueBits;
    }

    @Override
    public SampleKind kind() {
      return samples.get(at).kind();
    }

    @Override
    public NativeHistogram histogram() {
      return Objects.requireNonNull(samples.get(at).histogram);
    }
  }

  private static List<Sample> draw(SplittableRandom random) {
    List<RandomHistograms> histograms = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      histograms.add(RandomHistograms.any(random));
    }
    List<Sample> samples = new ArrayList<>();
    int kind = 0;
    for (int i = 0; i < 900; i++) {
      if (random.nextInt(150) == 0) {
        kind = random.nextInt(4);
      }
      long timestampMs = 1_000L * i + random.nextInt(1_000);
      samples.add(
          kind == 3
              ? new Sample(timestampMs, random.nextLong(), null)
              : new Sample(timestampMs, 0, histograms.get(kind).next()));
    }
    return samples;
  }

  private static List<Chunk> encode(List<Sample> samples) {
    ChunkEncoder encoder = new ChunkEncoder(new ListCursor(samples));
    List<Chunk> chunks = new ArrayList<>();
    for (Chunk chunk = encoder.next(); chunk != null; chunk = encoder.next()) {
      chunks.add(chunk);
    }
    assertThat(encoder.next()).isNull();
    return chunks;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void chunksHoldTheSamplesAndEndInTime(long seed) {
    List<Sample> given = draw(new SplittableRandom(seed));
    int at = 0;
    for (Chunk chunk : encode(given)) {
      assertThat(chunk.sampleCount()).isBetween(1, ChunkCut.SAMPLES_TARGET);
      assertThat(chunk.minMs()).isEqualTo(given.get(at).timestampMs);
      SampleCursor samples = chunk.samples();
      while (samples.next()) {
        Sample expected = given.get(at++);
        assertThat(samples.timestampMs()).isEqualTo(expected.timestampMs);
        assertThat(samples.kind()).isEqualTo(expected.kind()).isEqualTo(chunk.encoding().kind());
        NativeHistogram histogram = expected.histogram;
        if (histogram == null) {
          assertThat(samples.valueBits()).isEqualTo(expected.valueBits);
        } else {
          assertThat(samples.histogram().sameSample(histogram)).isTrue();
        }
      }
      assertThat(chunk.maxMs()).isEqualTo(given.get(at - 1).timestampMs);
      boolean full = chunk.sampleCount() == ChunkCut.SAMPLES_TARGET;
      boolean otherKind = at < given.size() && given.get(at).kind() != chunk.encoding().kind();
      boolean histogram = chunk.encoding() != Encoding.XOR;
      assertThat(full || otherKind || histogram || at == given.size()).isTrue();
    }
    assertThat(at).isEqualTo(given.size());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void encodingWhatWasEncodedChangesNoSample(long seed) {
    List<Sample> given = draw(new SplittableRandom(seed));
    List<Sample> again = new ArrayList<>();
    for (Chunk chunk : encode(given)) {
      SampleCursor samples = chunk.samples();
      while (samples.next()) {
        again.add(
            samples.kind() == SampleKind.FLOAT
                ? new Sample(samples.timestampMs(), samples.valueBits(), null)
                : new Sample(samples.timestampMs(), 0, samples.histogram()));
      }
    }
    int at = 0;
    for (Chunk chunk : encode(again)) {
      SampleCursor samples = chunk.samples();
      while (samples.next()) {
        Sample expected = given.get(at++);
        NativeHistogram histogram = expected.histogram;
        assertThat(samples.timestampMs()).isEqualTo(expected.timestampMs);
        assertThat(
                histogram == null
                    ? samples.valueBits() == expected.valueBits
                    : samples.histogram().sameSample(histogram))
            .isTrue();
      }
    }
    assertThat(at).isEqualTo(given.size());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void seekFindsTheFirstSampleAtOrAfterATime(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (Chunk chunk : encode(draw(random))) {
      SampleCursor cursor = chunk.samples();
      long newestMs = Long.MIN_VALUE;
      while (true) {
        long atMs = newestMs + 1 + random.nextInt(20_000);
        long from =
            random.nextInt(10) == 0 ? chunk.maxMs() + 1 : Math.max(chunk.minMs() - 500, atMs);
        boolean expected = from <= chunk.maxMs();
        assertThat(cursor.seek(from)).isEqualTo(expected);
        if (!expected) {
          assertThat(cursor.seek(chunk.minMs())).isFalse();
          assertThat(cursor.next()).isFalse();
          break;
        }
        assertThat(cursor.timestampMs()).isEqualTo(firstAtOrAfter(chunk, from));
        newestMs = cursor.timestampMs();
        assertThat(cursor.seek(newestMs - 1)).isTrue();
        assertThat(cursor.timestampMs()).isEqualTo(newestMs);
      }
    }
  }

  private static long firstAtOrAfter(Chunk chunk, long fromMs) {
    SampleCursor samples = chunk.samples();
    while (samples.next()) {
      if (samples.timestampMs() >= fromMs) {
        return samples.timestampMs();
      }
    }
    throw new AssertionError("no sample at or after " + fromMs);
  }

  @Test
  void samplesThatStepBackAreRefused() {
    ChunkEncoder encoder =
        new ChunkEncoder(new ListCursor(List.of(new Sample(2, 0, null), new Sample(2, 1, null))));
    assertThatThrownBy(encoder::next)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("expected a sample after 2, got one at 2");
  }

  @Test
  void aStaleMarkerOfAGaugeStaysInItsChunk() {
    RandomHistograms gauges =
        new RandomHistograms(new SplittableRandom(1), SampleKind.HISTOGRAM, true, false, 0, 5);
    List<Chunk> chunks =
        encode(
            List.of(
                new Sample(1, 0, gauges.next()),
                new Sample(2, 0, IntegerHistogram.stale(CounterResetHint.GAUGE)),
                new Sample(3, 0, gauges.next())));
    assertThat(chunks).extracting(Chunk::sampleCount).containsExactly(2, 1);
    SampleCursor first = chunks.getFirst().samples();
    assertThat(first.seek(2)).isTrue();
    assertThat(first.histogram()).isEqualTo(IntegerHistogram.stale(CounterResetHint.GAUGE));
  }

  @Test
  void aFloatIsNoHistogram() {
    Chunk chunk = encode(List.of(new Sample(1, 7, null))).getFirst();
    SampleCursor samples = chunk.samples();
    assertThat(samples.next()).isTrue();
    assertThatThrownBy(samples::histogram).isInstanceOf(IllegalStateException.class);
  }
}

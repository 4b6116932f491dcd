package io.rafttsdb.storage.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.chunk.LivePrometheus;
import io.rafttsdb.storage.chunk.RandomHistograms;
import io.rafttsdb.storage.chunk.RecordedSeries;
import io.rafttsdb.storage.chunk.RecordedSeries.Recorded;
import io.rafttsdb.storage.chunk.RecordedSeries.Sample;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Series that change between floats and both kinds of histograms, as a real Prometheus 3.5.3 cut
 * them: its samples, appended here, must give the same chunks. Where a Prometheus 3.5 or later is
 * found, fresh series are compared likewise; {@code -Dkinds.record=FILE} makes the recorded file,
 * to be packed by gzip.
 */
class PrometheusKindsTest {

  private static final String RECORDED = "prometheus-3.5.3-kinds.txt.gz";
  private static final long RANGE_MS = Settings.BLOCK_RANGE_DEFAULT_MS;

  /** A quarter of an hour before the end of an aligned range. */
  private static final long START_MS = 1_790_000_000_000L / RANGE_MS * RANGE_MS + RANGE_MS * 7 / 8;

  private static final long STEP_MS = 15_000;
  private static final int SERIES = 8;
  private static final int SAMPLES = 150;

  @Test
  void theHeadMakesTheRecordedChunks() throws IOException {
    List<RecordedSeries> all = RecordedSeries.ofResource(getClass(), RECORDED);
    assertThat(all).hasSize(SERIES);
    all.forEach(PrometheusKindsTest::assertSameChunks);
  }

  @Test
  void aLivePrometheusMakesTheSameChunks(@TempDir Path directory) throws Exception {
    Path program = LivePrometheus.programOrSkip();
    long seed = Long.getLong("kinds.seed", System.nanoTime());
    List<RecordedSeries> all = draw(new SplittableRandom(seed));
    try (LivePrometheus prometheus = LivePrometheus.start(program, directory)) {
      prometheus.record(all, STEP_MS);
    }
    String file = System.getProperty("kinds.record");
    if (file != null) {
      Files.write(Path.of(file), RecordedSeries.toLines(all));
    }
    for (RecordedSeries series : all) {
      try {
        assertSameChunks(series);
      } catch (AssertionError e) {
        throw new AssertionError("-Dkinds.seed=" + seed + " " + series.name(), e);
      }
    }
  }

  /** Floats, counters of a fixed layout in whole numbers and in floats, and a gauge. */
  private static List<RecordedSeries> draw(SplittableRandom random) {
    List<RecordedSeries> all = new ArrayList<>();
    for (int i = 0; i < SERIES; i++) {
      List<RandomHistograms> kinds =
          List.of(
              new RandomHistograms(random, SampleKind.HISTOGRAM, false, false, 0, 20),
              new RandomHistograms(random, SampleKind.FLOAT_HISTOGRAM, false, true, 0, 5),
              new RandomHistograms(random, SampleKind.HISTOGRAM, true, false, 0, 9));
      int changeEvery = i % 2 == 0 ? 4 : 40;
      int kind = 0;
      List<Sample> samples = new ArrayList<>();
      for (int k = 0; k < SAMPLES; k++) {
        kind = random.nextInt(changeEvery) == 0 ? random.nextInt(kinds.size() + 1) : kind;
        long timestampMs = START_MS + k * STEP_MS + (k == 0 ? 0 : random.nextInt(-9, 10));
        samples.add(
            kind == kinds.size()
                ? new Sample(timestampMs, Double.doubleToRawLongBits(random.nextInt(99)), null)
                : new Sample(timestampMs, 0, kinds.get(kind).next()));
      }
      all.add(
          new RecordedSeries(String.format(Locale.ROOT, "k%02d", i), samples, new ArrayList<>()));
    }
    return all;
  }

  private static void assertSameChunks(RecordedSeries recorded) {
    MemSeries series = new MemSeries(new SeriesPage(), 1, new byte[0][]);
    for (Sample sample : recorded.samples()) {
      NativeHistogram histogram = sample.histogram();
      if (histogram == null) {
        series.append(sample.timestampMs(), sample.valueBits(), RANGE_MS);
      } else {
        series.append(sample.timestampMs(), histogram, Long.MIN_VALUE, RANGE_MS);
      }
    }
    List<Recorded> chunks = new ArrayList<>();
    HeadChunk newest = Objects.requireNonNull(series.newest());
    chunks.add(Recorded.ofOpen(newest.encoding(), series.openBytes()));
    for (HeadChunk chunk = newest.previous(); chunk != null; chunk = chunk.previous()) {
      chunks.addFirst(Recorded.of(chunk.encoding(), Objects.requireNonNull(chunk.bytes())));
    }
    assertThat(chunks).as(recorded.name()).isEqualTo(recorded.chunks());
  }
}

package io.rafttsdb.storage.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.chunk.RecordedSeries.Recorded;
import io.rafttsdb.storage.chunk.RecordedSeries.Sample;
import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Histogram chunks of a real Prometheus. The recorded file holds the samples that a Prometheus
 * 3.5.3 was given by remote write, and the chunks of a snapshot of its Head; the samples, appended
 * here, must give the same bytes, cut at the same places.
 *
 * <p>Where a Prometheus 3.5 or later is found, fresh random series are compared in the same way;
 * {@code -Dhistograms.rounds=20} takes more of them, {@code -Dhistograms.record=FILE} makes the
 * recorded file of that, to be packed by gzip.
 */
class PrometheusHistogramChunksTest {

  private static final String RECORDED = "prometheus-3.5.3-histograms.txt.gz";
  private static final long RANGE_MS = Settings.BLOCK_RANGE_DEFAULT_MS;

  /**
   * Twenty minutes before the end of an aligned range of two hours, so that chunks are cut there.
   */
  private static final long START_MS = 1_790_000_000_000L / RANGE_MS * RANGE_MS + RANGE_MS * 5 / 6;

  private static final long STEP_MS = 60_000;

  @Test
  void recordedChunksHoldTheSamples() throws IOException {
    for (RecordedSeries series : RecordedSeries.ofResource(getClass(), RECORDED)) {
      assertHolds(series);
    }
  }

  @Test
  void theSamplesGiveTheRecordedChunks() throws IOException {
    for (RecordedSeries series : RecordedSeries.ofResource(getClass(), RECORDED)) {
      assertSameChunks(series);
    }
  }

  @Test
  void aLivePrometheusMakesTheSameChunks(@TempDir Path directory) throws Exception {
    Path program = LivePrometheus.programOrSkip();
    long firstSeed = Long.getLong("histograms.seed", System.nanoTime());
    for (int round = 0; round < Integer.getInteger("histograms.rounds", 1); round++) {
      long seed = firstSeed + round;
      List<RecordedSeries> all = draw(new SplittableRandom(seed));
      Path data = Files.createDirectory(directory.resolve("round" + round));
      try (LivePrometheus prometheus = LivePrometheus.start(program, data)) {
        prometheus.record(all, STEP_MS);
      }
      String file = System.getProperty("histograms.record");
      if (file != null) {
        Files.write(Path.of(file), RecordedSeries.toLines(all));
      }
      for (RecordedSeries series : all) {
        try {
          assertHolds(series);
          assertSameChunks(series);
        } catch (AssertionError e) {
          throw new AssertionError("-Dhistograms.seed=" + seed + " " + series.name(), e);
        }
      }
    }
  }

  private static List<RecordedSeries> draw(SplittableRandom random) {
    List<RecordedSeries> all = new ArrayList<>();
    for (SampleKind kind : List.of(SampleKind.HISTOGRAM, SampleKind.FLOAT_HISTOGRAM)) {
      for (boolean gauge : List.of(false, true)) {
        for (boolean custom : List.of(false, true)) {
          for (int eventEvery : List.of(0, 3, 30)) {
            int bucketsMax = eventEvery == 0 ? 40 : 6;
            RandomHistograms histograms =
                new RandomHistograms(random, kind, gauge, custom, eventEvery, bucketsMax);
            List<Sample> samples = samples(random, histograms, eventEvery == 0 ? 30 : 50);
            String name =
                String.format(Locale.ROOT, "s%02d_%s", all.size(), kind)
                    + (gauge ? "_gauge" : "_counter")
                    + (custom ? "_custom" : "_exponential");
            all.add(new RecordedSeries(name, samples, new ArrayList<>()));
          }
        }
      }
    }
    return all;
  }

  /**
   * Samples of a series, without those that lack a bucket of the open chunk and have another that
   * it lacks: of a counter's, Prometheus before 3.6 makes spans with a bucket twice.
   */
  private static List<Sample> samples(
      SplittableRandom random, RandomHistograms histograms, int count) {
    List<Sample> samples = new ArrayList<>();
    OpenHistograms open = null;
    for (int i = 0; i < count; i++) {
      Sample sample = new Sample(timestamp(random, i), 0, histograms.next());
      NativeHistogram histogram = Objects.requireNonNull(sample.histogram());
      if (open == null) {
        open = new OpenHistograms(sample.timestampMs(), histogram, RANGE_MS);
        samples.add(sample);
      } else if (!isWrittenWrongly(open.writer(), histogram)) {
        open.append(sample.timestampMs(), histogram);
        samples.add(sample);
      }
    }
    while (Objects.requireNonNull(samples.getLast().histogram()).isStale()) {
      samples.removeLast(); // behind gauges it makes a snapshot fail
    }
    return samples;
  }

  private static boolean isWrittenWrongly(HistogramWriter writer, NativeHistogram next) {
    BucketLayout layout = writer.newest().layout();
    SpansMerge positive = SpansMerge.of(layout.positive(), next.layout().positive());
    SpansMerge negative = SpansMerge.of(layout.negative(), next.layout().negative());
    return next.hint() != CounterResetHint.GAUGE
        && (positive.inChunkOnly() || negative.inChunkOnly())
        && (positive.inHistogramOnly() || negative.inHistogramOnly());
  }

  private static long timestamp(SplittableRandom random, int i) {
    return START_MS + i * STEP_MS + (i == 0 ? 0 : random.nextInt(-9, 10));
  }

  private static void assertHolds(RecordedSeries series) {
    int at = 0;
    for (Recorded recorded : series.chunks()) {
      byte[] bytes = HexFormat.of().parseHex(recorded.hex());
      SampleCursor samples = new Chunk(Encoding.of(recorded.encoding()), 0, 0, bytes).samples();
      while (samples.next()) {
        Sample expected = series.samples().get(at++);
        NativeHistogram histogram = Objects.requireNonNull(expected.histogram());
        assertThat(samples.timestampMs()).isEqualTo(expected.timestampMs());
        assertThat(samples.histogram().sameSample(histogram))
            .as("%s of %s, given %s", samples.histogram(), series.name(), histogram)
            .isTrue();
      }
    }
    assertThat(at).isEqualTo(series.samples().size());
  }

  private static void assertSameChunks(RecordedSeries series) {
    OpenHistograms open = null;
    List<Recorded> chunks = new ArrayList<>();
    for (Sample sample : series.samples()) {
      NativeHistogram histogram = Objects.requireNonNull(sample.histogram());
      if (open == null) {
        open = new OpenHistograms(sample.timestampMs(), histogram, RANGE_MS);
      } else {
        byte[] ended = open.append(sample.timestampMs(), histogram);
        if (ended != null) {
          chunks.add(Recorded.of(Encoding.of(histogram.kind()), ended));
        }
      }
    }
    HistogramWriter last = Objects.requireNonNull(open).writer();
    chunks.add(Recorded.ofOpen(Encoding.of(last.kind()), last.toBytes()));
    assertThat(chunks).as(series.name()).isEqualTo(series.chunks());
  }
}

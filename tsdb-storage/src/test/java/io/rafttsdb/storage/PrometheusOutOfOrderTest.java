package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.chunk.LivePrometheus;
import io.rafttsdb.storage.chunk.RandomHistograms;
import io.rafttsdb.storage.chunk.RecordedSeries;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.compact.StockPrometheus;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.head.SealedPart;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Floats and histograms out of order, sent to a real Prometheus 3.5 or later with a window and
 * appended here: what it answers, it answers from our blocks too, bucket by bucket. Skipped where
 * there is none.
 */
class PrometheusOutOfOrderTest {

  private static final BlockFacts FACTS = new BlockFacts(new Digest(1, 2, 3, 4), 1, 1, 1, 1);
  private static final long RANGE_MS = Settings.BLOCK_RANGE_DEFAULT_MS;

  /** A border of block ranges in the middle of the samples. */
  private static final long BORDER_MS = 1_790_000_000_000L / RANGE_MS * RANGE_MS;

  private static final long STEP_MS = 30_000;
  private static final int SERIES = 8;
  private static final int SAMPLES = 160;
  private static final double ALL_AT_SECONDS = (BORDER_MS + RANGE_MS) / 1000.0;
  private static final String ALL = "{__name__=~\".+\"}[3h]";

  private static final String WINDOW =
      """
      storage:
        tsdb:
          out_of_order_time_window: 2h
      """;

  @TempDir private Path directory;

  /** Each series begins at the same time, and is sent in an order of its own from then on. */
  private static List<RecordedSeries> draw(SplittableRandom random) {
    List<RecordedSeries> all = new ArrayList<>();
    for (int i = 0; i < SERIES; i++) {
      List<RandomHistograms> kinds =
          List.of(RandomHistograms.any(random), RandomHistograms.any(random));
      List<RecordedSeries.Sample> samples = new ArrayList<>();
      int kind = 0;
      for (int k = 0; k < SAMPLES; k++) {
        kind = random.nextInt(i < 4 ? 6 : 40) == 0 ? random.nextInt(3) : kind;
        long timestampMs = BORDER_MS + (k - SAMPLES / 2) * STEP_MS + random.nextInt(99);
        samples.add(
            kind == 2
                ? new RecordedSeries.Sample(timestampMs, Double.doubleToRawLongBits(k), null)
                : new RecordedSeries.Sample(timestampMs, 0, kinds.get(kind).next()));
      }
      int reach = i % 2 == 0 ? 70 : 4;
      int[] places = IntStream.range(0, SAMPLES).map(k -> k + random.nextInt(reach)).toArray();
      all.add(
          new RecordedSeries(
              "s" + i,
              IntStream.range(0, SAMPLES)
                  .boxed()
                  .sorted(Comparator.comparingInt(k -> places[k]))
                  .map(samples::get)
                  .toList(),
              List.of()));
    }
    return all;
  }

  @Test
  void aRealPrometheusAnswersTheSameFromOurBlocks() throws Exception {
    Path program = LivePrometheus.programOrSkip();
    long seed = Long.getLong("late.seed", System.nanoTime());
    List<RecordedSeries> all = draw(new SplittableRandom(seed));
    SortedMap<Labels, Map<?, ?>> expected = sendTo(program, all);
    assertThat(expected).hasSize(SERIES);
    Path blocks = Files.createDirectory(directory.resolve("blocks"));
    write(all, blocks);
    try (StockPrometheus prometheus = StockPrometheus.start(program, blocks)) {
      assertThat(prometheus.answer(ALL, ALL_AT_SECONDS))
          .as("-Dlate.seed=" + seed)
          .isEqualTo(expected);
    }
  }

  private SortedMap<Labels, Map<?, ?>> sendTo(Path program, List<RecordedSeries> all)
      throws IOException, InterruptedException {
    List<String> names = all.stream().map(RecordedSeries::name).toList();
    try (LivePrometheus prometheus = LivePrometheus.start(program, directory, WINDOW)) {
      for (int k = 0; k < SAMPLES; k++) {
        int at = k;
        prometheus.write(names, all.stream().map(series -> series.samples().get(at)).toList());
      }
      return StockPrometheus.answer(prometheus.http(), ALL, ALL_AT_SECONDS);
    }
  }

  /** Appends all samples, seals them, and writes each part as a block. */
  private static void write(List<RecordedSeries> all, Path blocks) throws Exception {
    Tsdb tsdb = new Tsdb();
    tsdb.configure(new Settings(RANGE_MS, RANGE_MS));
    for (int k = 0; k < SAMPLES; k++) {
      SampleBatch.Builder batch = new SampleBatch.Builder();
      for (RecordedSeries series : all) {
        add(batch.series(Labels.of("__name__", series.name())), series.samples().get(k));
      }
      assertThat(tsdb.append(batch.build()))
          .isEqualTo(new AppendResult.Judged(SERIES, 0, 0, List.of()));
    }
    tsdb.append(
        new SampleBatch.Builder()
            .series(Labels.of("__name__", "later"))
            .sample(BORDER_MS + 2 * RANGE_MS, 0)
            .build());
    assertThat(tsdb.cut(BORDER_MS + RANGE_MS, new Ulid(1, 1))).isInstanceOf(CutResult.Sealed.class);
    tsdb.built(new Ulid(1, 1), FACTS);
    tsdb.publish(1);
    List<SealedRange> late = new ArrayList<>();
    for (long fromMs : tsdb.outOfOrderRanges()) {
      late.add(
          new SealedRange(
              new Ulid(2, fromMs), SealedRange.Kind.OUT_OF_ORDER, fromMs, fromMs + RANGE_MS));
    }
    assertThat(late).hasSize(2);
    assertThat(tsdb.cutOutOfOrder(late)).isEqualTo(new CutResult.Sealed(late));
    tsdb.publish(2);
    Compactor compactor = new Compactor(new ForgetfulDisk(), blocks, bytes -> {});
    for (SealedPart part : tsdb.sealedParts()) {
      SealedRange range = part.range();
      assertThat(compactor.build(range.ulid(), part, range.fromMs(), range.upToMs(), List.of()))
          .isPresent();
    }
  }

  private static void add(SampleBatch.Builder batch, RecordedSeries.Sample sample) {
    NativeHistogram histogram = sample.histogram();
    if (histogram == null) {
      batch.sample(sample.timestampMs(), sample.valueBits());
    } else {
      batch.histogram(sample.timestampMs(), histogram);
    }
  }
}

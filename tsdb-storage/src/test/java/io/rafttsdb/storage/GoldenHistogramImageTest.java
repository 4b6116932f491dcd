package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Histograms in an image of format version 3, as it was written once. */
class GoldenHistogramImageTest {

  private static final long T0 = 1_700_000_000_000L;
  private static final long STEP_MS = 1_000;
  private static final int ENTRIES = 120;

  private static final String STATE_HASH =
      "f7e89f2af05716a0374f6e65c4f5495ceaf9a2e1dc956d52524e6a313ac909dc";

  @TempDir private Path directory;

  private static final int LATE_ENTRY = 110;
  private static final int LATE = 40;

  /**
   * A counter, a gauge with custom buckets, a series of which all but the newest sample came out of
   * order, and one that changes its kind.
   */
  private static Tsdb golden() {
    Tsdb tsdb = new Tsdb();
    tsdb.configure(new Settings(120_000, 0));
    for (int i = 0; i < ENTRIES; i++) {
      long timestampMs = T0 + i * STEP_MS;
      SampleBatch.Builder batch = new SampleBatch.Builder();
      batch.series(Labels.of("__name__", "counter")).histogram(timestampMs, counter(i));
      batch.series(Labels.of("__name__", "gauge")).histogram(timestampMs, gauge(i));
      batch.series(Labels.of("__name__", "mixed"));
      if (i % 40 < 20) {
        batch.sample(timestampMs, i);
      } else {
        batch.histogram(timestampMs, counter(i));
      }
      if (i == LATE_ENTRY) {
        tsdb.configure(new Settings(120_000, 300_000));
        batch.series(Labels.of("__name__", "late"));
        for (int k = LATE - 1; k >= 0; k--) {
          addLate(batch, k);
        }
      }
      tsdb.append(batch.build());
      if (i == 105) {
        tsdb.cut(T0 + 40_000, Ulid.parse("01HF7YAT0000000000000000R1"));
      }
      tsdb.publish(i);
    }
    return tsdb;
  }

  private static void addLate(SampleBatch.Builder batch, int k) {
    long timestampMs = T0 + 60_500 + k * STEP_MS;
    switch (k % 20 / 8) {
      case 0 -> batch.histogram(timestampMs, counter(k));
      case 1 -> batch.histogram(timestampMs, gauge(k));
      default -> batch.sample(timestampMs, k);
    }
  }

  private static void assertLate(SampleCursor late) {
    for (int k = 0; k < LATE; k++) {
      assertThat(late.next()).isTrue();
      assertThat(late.timestampMs()).isEqualTo(T0 + 60_500 + k * STEP_MS);
      if (k % 20 / 8 == 2) {
        assertThat(late.kind()).isEqualTo(SampleKind.FLOAT);
        assertThat(late.valueBits()).isEqualTo(k);
      } else {
        assertThat(late.histogram().sameSample(k % 20 / 8 == 0 ? counter(k) : gauge(k))).isTrue();
      }
    }
    assertThat(late.next()).isFalse();
  }

  private static IntegerHistogram counter(int i) {
    int buckets = 10 + i / 10;
    long[] deltas = new long[buckets];
    deltas[0] = i;
    BucketLayout layout =
        BucketLayout.exponential(
            4, Double.doubleToRawLongBits(0x1p-128), BucketSpans.of(-3, buckets), BucketSpans.NONE);
    return new IntegerHistogram(
        layout,
        CounterResetHint.UNKNOWN,
        (long) buckets * i + 1,
        1,
        Double.doubleToRawLongBits(i * 1.5),
        deltas,
        new long[0]);
  }

  private static FloatHistogram gauge(int i) {
    if (i % 50 == 49) {
      return FloatHistogram.stale(CounterResetHint.GAUGE);
    }
    BucketLayout layout =
        BucketLayout.custom(
            BucketSpans.of(i % 2, 1),
            new long[] {Double.doubleToRawLongBits(0.25), Double.doubleToRawLongBits(1.0 / 3)});
    long countBits = Double.doubleToRawLongBits(i % 7 / 2.0);
    return new FloatHistogram(
        layout,
        CounterResetHint.GAUGE,
        countBits,
        0,
        Double.doubleToRawLongBits(-i),
        new long[] {countBits},
        new long[0]);
  }

  private Path resource() throws IOException {
    Path file = directory.resolve("resource");
    try (InputStream in =
        GoldenHistogramImageTest.class.getResourceAsStream("head-image-v4-histograms.bin")) {
      Files.copy(Objects.requireNonNull(in), file);
    }
    return file;
  }

  @Test
  void theSameStateIsTheSameFile() throws IOException {
    Path written = directory.resolve("written");
    byte[] hash = golden().freeze().writeTo(written);

    assertThat(Files.mismatch(written, resource())).isEqualTo(-1);
    assertThat(HexFormat.of().formatHex(hash)).isEqualTo(STATE_HASH);
  }

  @Test
  void theFileOpens() throws IOException {
    Tsdb tsdb = Tsdb.load(resource());

    assertThat(tsdb.stats()).isEqualTo(golden().stats());
    List<SeriesView> series =
        tsdb.select(List.of(new Selection(List.of(), T0, Long.MAX_VALUE)), 4).series().getFirst();
    SampleCursor counters = series.getFirst().samples();
    SampleCursor gauges = series.get(1).samples();
    assertLate(series.get(2).samples());
    SampleCursor mixed = series.getLast().samples();
    for (int i = 0; i < ENTRIES; i++) {
      assertThat(counters.next() && gauges.next() && mixed.next()).isTrue();
      assertThat(counters.timestampMs()).isEqualTo(T0 + i * STEP_MS);
      assertThat(counters.histogram().sameSample(counter(i))).isTrue();
      assertThat(gauges.histogram().sameSample(gauge(i))).isTrue();
      if (i % 40 < 20) {
        assertThat(mixed.kind()).isEqualTo(SampleKind.FLOAT);
        assertThat(mixed.valueBits()).isEqualTo(i);
      } else {
        assertThat(mixed.histogram().sameSample(counter(i))).isTrue();
      }
    }
    assertThat(counters.next()).isFalse();
  }
}

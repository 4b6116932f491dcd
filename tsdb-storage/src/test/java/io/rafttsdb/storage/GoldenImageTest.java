package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Samples;
import io.rafttsdb.storage.model.SealedRange;
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

/**
 * An image of format version 4, as it was written once, opens for ever and is written the same; by
 * itself, and with a file of full chunks beside it.
 */
class GoldenImageTest {

  private static final long T0 = 1_700_000_000_000L;

  /** T0 lies 40 s before a border of block ranges. */
  private static final Ulid PART = Ulid.parse("01HF7YAT0000000000000000R1");

  private static final Settings CHANGED = new Settings(120_000, 300_000, 86_400_000, 1L << 30, 3);

  private static final String STATE_HASH =
      "43fd43e7b854345319594f3f300ac4e734fd59c6e243f5a625d9341fc6521f2b";

  @TempDir private Path directory;

  private static Tsdb golden() throws IOException {
    return fill(new Tsdb());
  }

  /** The same state, some of it on disk. */
  private static Tsdb goldenOnDisk(Path chunks) throws IOException {
    return fill(Tsdb.empty(new ChunksHead(new ForgetfulDisk(), chunks, 1 << 20, Runnable::run)));
  }

  private static Tsdb fill(Tsdb tsdb) throws IOException {
    tsdb.configure(new Settings(120_000, 0));
    for (int i = 0; i < 300; i++) {
      SampleBatch.Builder batch = new SampleBatch.Builder();
      batch.series(Labels.of("__name__", "requests_total", "job", "api"));
      batch.sample(T0 + i * 1000L, Double.doubleToRawLongBits(i * 3));
      if (i % 50 == 0) {
        batch.series(Labels.of("__name__", "up", "job", "é"));
        batch.sample(T0 + i * 1000L, i == 250 ? Samples.STALE : Double.doubleToRawLongBits(1));
      }
      if (i == 10) {
        batch.series(Labels.of("__name__", "gone")).sample(T0 + 10_000, 7);
      }
      if (i == 240) {
        tsdb.configure(CHANGED);
        assertThat(tsdb.raiseTo(2)).isFalse();
        assertThat(tsdb.raiseTo(1)).isTrue();
        for (int k = 0; k < 33; k++) {
          batch.series(Labels.of("__name__", "late")).sample(T0 + 60_500 - k * 1000L, k);
        }
      }
      tsdb.append(batch.build());
      if (i == 200 || i == 250) {
        // Before the cut and after it, in the part and in the Head, in order and out of order.
        tsdb.delete(List.of(), T0 + 36_000 + i * 10L, T0 + 41_000 + i * 10L);
      }
      if (i == 230) {
        tsdb.cut(T0 + 40_000, PART);
      }
      tsdb.publish(i);
      if (i == 170 || i == 245) {
        int _ = tsdb.spill();
      }
    }
    return tsdb;
  }

  private static boolean isDeleted(int afterT0Ms, int entry) {
    return afterT0Ms >= 36_000 + entry * 10 && afterT0Ms <= 41_000 + entry * 10;
  }

  private Path resource() throws IOException {
    return copy("head-image-v4.bin", directory.resolve("resource"));
  }

  private static Path copy(String resource, Path file) throws IOException {
    try (InputStream in = GoldenImageTest.class.getResourceAsStream(resource)) {
      Files.copy(Objects.requireNonNull(in), file);
    }
    return file;
  }

  private Path snapshotResource() throws IOException {
    Path snapshot = directory.resolve("resource");
    Files.createDirectories(snapshot.resolve("chunks_head"));
    copy("snapshot-v4/head", snapshot.resolve("head"));
    copy("snapshot-v4/chunks_head/000001", snapshot.resolve("chunks_head/000001"));
    return snapshot;
  }

  @Test
  void theSameStateIsTheSameSnapshot() throws IOException {
    Path written = Files.createDirectory(directory.resolve("written"));
    try (Tsdb tsdb = goldenOnDisk(directory.resolve("chunks_head"));
        FrozenTsdb frozen = tsdb.freeze()) {
      byte[] hash = frozen.writeSnapshot(written);
      assertThat(HexFormat.of().formatHex(hash)).isEqualTo(STATE_HASH);
    }
    Path resource = snapshotResource();
    for (String file : List.of("head", "chunks_head/000001")) {
      assertThat(written.resolve(file)).hasSameBinaryContentAs(resource.resolve(file));
    }
  }

  @Test
  void theSnapshotOpens() throws IOException {
    ChunksHead chunks =
        new ChunksHead(
            new ForgetfulDisk(), directory.resolve("chunks_head"), 1 << 20, Runnable::run);
    try (Tsdb tsdb = Tsdb.load(snapshotResource(), chunks)) {
      assertThat(Files.size(directory.resolve("chunks_head/1/000001"))).isGreaterThan(400);
      check(tsdb);
    }
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
    check(Tsdb.load(resource()));
  }

  private static void check(Tsdb tsdb) throws IOException {
    assertThat(tsdb.publishedIndex()).isEqualTo(299);
    assertThat(tsdb.settings()).isEqualTo(CHANGED);
    assertThat(tsdb.clusterVersion()).isEqualTo(1);
    assertThat(tsdb.outOfOrderRanges()).containsExactly(T0 - 80_000, T0 + 40_000);
    assertThat(tsdb.stats()).isEqualTo(golden().stats());
    assertThat(tsdb.sealedUpToMs()).isEqualTo(T0 + 40_000);
    assertThat(tsdb.waiting())
        .containsExactly(
            new SealedRange(PART, SealedRange.Kind.IN_ORDER, T0 - 80_000, T0 + 40_000));
    assertThat(tsdb.sealedParts()).hasSize(1);
    assertThat(tsdb.sealedParts().getFirst().sampleCount()).isEqualTo(42);
    List<SeriesView> series =
        tsdb.select(List.of(new Selection(List.of(), T0, T0 + 300_000)), 4).series().getFirst();
    assertThat(series.getFirst().labels().metricName()).isEqualTo("gone");
    SampleCursor late = series.get(1).samples();
    for (int k = 32; k >= 0; k--) {
      if (isDeleted(60_500 - k * 1000, 250)) {
        continue;
      }
      assertThat(late.next()).isTrue();
      assertThat(late.timestampMs()).isEqualTo(T0 + 60_500 - k * 1000L);
      assertThat(late.valueBits()).isEqualTo(k);
    }
    SampleCursor requests = series.get(2).samples();
    for (int i = 0; i < 300; i++) {
      if (isDeleted(i * 1000, 200) || isDeleted(i * 1000, 250)) {
        continue;
      }
      assertThat(requests.next()).isTrue();
      assertThat(requests.timestampMs()).isEqualTo(T0 + i * 1000L);
      assertThat(requests.valueBits()).isEqualTo(Double.doubleToRawLongBits(i * 3));
    }
    SampleCursor up = series.getLast().samples();
    assertThat(up.seek(T0 + 250_000)).isTrue();
    assertThat(up.valueBits()).isEqualTo(Samples.STALE);
    assertThat(up.next()).isFalse();
  }
}

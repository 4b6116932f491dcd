package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.model.AppendResult;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.UnreadableChunks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damage in files of full chunks gives errors, never other samples or another verdict. */
class DamagedChunksTest {

  private static final long T0 = 1_700_000_000_000L;
  private static final int SAMPLES = 1000;
  private static final int SERIES = 3;
  private static final Selection ALL = new Selection(List.of(), 0, Long.MAX_VALUE);

  @TempDir private Path directory;
  private Tsdb tsdb = new Tsdb();

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 12), new SplittableRandom().longs(4).map(Math::abs));
  }

  @BeforeEach
  void fill() throws IOException {
    tsdb = Tsdb.empty(chunks());
    tsdb.configure(new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0));
    for (int i = 0; i < SAMPLES; i++) {
      SampleBatch.Builder batch = new SampleBatch.Builder();
      for (int series = 0; series < SERIES; series++) {
        batch.series(labels(series)).sample(T0 + i * 1000L, i * 10L + series);
      }
      tsdb.append(batch.build());
      tsdb.publish(i);
    }
    assertThat(tsdb.spill()).isEqualTo(SERIES * (SAMPLES / 120));
  }

  @AfterEach
  void close() throws IOException {
    tsdb.close();
  }

  private ChunksHead chunks() {
    return new ChunksHead(
        new ForgetfulDisk(), directory.resolve("chunks_head"), 1 << 20, Runnable::run);
  }

  private static Labels labels(int series) {
    return Labels.of("__name__", "m", "series", String.valueOf(series));
  }

  private Path snapshot() throws IOException {
    Path snapshot = Files.createDirectory(directory.resolve("snapshot"));
    try (FrozenTsdb frozen = tsdb.freeze()) {
      frozen.writeSnapshot(snapshot);
    }
    return snapshot;
  }

  private static Path onlyFileIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList().getFirst();
    }
  }

  /** Writes over the file itself, as a disk does that fails. */
  private static void damage(Path file, SplittableRandom random) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int start = random.nextInt(bytes.length);
    int end = Math.min(bytes.length, start + 1 + random.nextInt(3));
    for (int i = start; i < end; i++) {
      bytes[i] ^= (byte) random.nextInt(1, 256);
    }
    Files.write(file, bytes, StandardOpenOption.WRITE);
  }

  /** Samples of a series, all of them checked. */
  private static int check(SeriesView view) {
    int series = Integer.parseInt(view.labels().get("series"));
    int count = 0;
    for (SampleCursor cursor = view.samples(); cursor.next(); count++) {
      assertThat(cursor.timestampMs()).isEqualTo(T0 + count * 1000L);
      assertThat(cursor.valueBits()).isEqualTo(count * 10L + series);
    }
    return count;
  }

  @Test
  void whatIsOnDiskIsAnsweredLikeWhatIsInMemory() throws IOException {
    Path snapshot = snapshot();
    assertThat(Files.size(snapshot.resolve("head"))).isLessThan(3000);
    tsdb.close();
    tsdb = Tsdb.load(snapshot, chunks());
    try (Capture capture = tsdb.select(List.of(ALL), SERIES)) {
      assertThat(capture.series().getFirst()).hasSize(SERIES);
      assertThat(capture.series().getFirst()).allMatch(view -> check(view) == SAMPLES);
    }
  }

  @Test
  void aCaptureThatWasClosedCannotBeReadOn() {
    List<SeriesView> views;
    try (Capture capture = tsdb.select(List.of(ALL), SERIES)) {
      views = capture.series().getFirst();
    }
    assertThatThrownBy(() -> check(views.getFirst()))
        .isInstanceOf(UnreadableChunks.class)
        .hasMessageContaining("closed");
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aDamagedFileIsRefusedByALoad(long seed) throws IOException {
    Path snapshot = snapshot();
    tsdb.close();
    damage(onlyFileIn(snapshot.resolve("chunks_head")), new SplittableRandom(seed));
    assertThatThrownBy(() -> Tsdb.load(snapshot, chunks())).isInstanceOf(CorruptFile.class);
  }

  @Test
  void aFileThatLacksIsRefusedByALoad() throws IOException {
    Path snapshot = snapshot();
    tsdb.close();
    Files.delete(onlyFileIn(snapshot.resolve("chunks_head")));
    assertThatThrownBy(() -> Tsdb.load(snapshot, chunks()))
        .isInstanceOf(CorruptFile.class)
        .hasMessageContaining("24 chunks");
    assertThatThrownBy(() -> Tsdb.load(snapshot.resolve("head")))
        .isInstanceOf(CorruptFile.class)
        .hasMessageContaining("24 chunks");
  }

  @Test
  void theFileOfAnotherShardIsRefusedByALoad() throws IOException {
    Path snapshot = snapshot();
    tsdb.close();
    Path other = directory.resolve("other");
    try (Tsdb another =
        Tsdb.empty(new ChunksHead(new ForgetfulDisk(), other, 1 << 20, Runnable::run))) {
      another.configure(new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0));
      for (int i = 0; i < SAMPLES; i++) {
        another.append(
            new SampleBatch.Builder().series(labels(0)).sample(T0 + i * 1000L, -i).build());
        another.publish(i);
      }
      assertThat(another.spill()).isEqualTo(SAMPLES / 120);
      Path into = Files.createDirectory(directory.resolve("into"));
      another.freeze().writeSnapshot(into);
      Path file = onlyFileIn(snapshot.resolve("chunks_head"));
      Files.delete(file);
      Files.copy(onlyFileIn(into.resolve("chunks_head")), file);
    }
    assertThatThrownBy(() -> Tsdb.load(snapshot, chunks())).isInstanceOf(CorruptFile.class);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aQueryThatTouchesDamageFails(long seed) throws IOException {
    damage(onlyFileIn(directory.resolve("chunks_head")), new SplittableRandom(seed));
    int failed = 0;
    try (Capture capture = tsdb.select(List.of(ALL), SERIES)) {
      for (SeriesView view : capture.series().getFirst()) {
        try {
          assertThat(check(view)).isEqualTo(SAMPLES);
        } catch (UnreadableChunks e) {
          assertThat(e).hasCauseInstanceOf(CorruptFile.class);
          failed++;
        }
      }
    }
    assertThat(failed).isLessThanOrEqualTo(2);
    try (Capture newest =
        tsdb.select(List.of(new Selection(List.of(), T0 + 960_000, Long.MAX_VALUE)), SERIES)) {
      for (SeriesView view : newest.series().getFirst()) {
        assertThat(view.samples().next()).as("the open chunk is in memory").isTrue();
      }
    }
  }

  @Test
  void aRepeatIsLookedForOnDiskAndDamageIsNoVerdict() throws IOException {
    assertThat(repeat(100, 1000)).isEqualTo(new AppendResult.Judged(0, 1, 0, List.of()));
    assertThat(repeat(100, 77))
        .isInstanceOfSatisfying(
            AppendResult.Judged.class,
            refused -> {
              assertThat(refused.refusedCount()).isEqualTo(1);
            });
    Path file = onlyFileIn(directory.resolve("chunks_head"));
    byte[] zeros = new byte[(int) Files.size(file)];
    Files.write(file, zeros, StandardOpenOption.WRITE);
    assertThatThrownBy(() -> repeat(300, 3000))
        .isInstanceOf(UncheckedIOException.class)
        .hasCauseInstanceOf(CorruptFile.class);
  }

  private AppendResult repeat(int i, long bits) {
    return tsdb.append(
        new SampleBatch.Builder().series(labels(0)).sample(T0 + i * 1000L, bits).build());
  }
}

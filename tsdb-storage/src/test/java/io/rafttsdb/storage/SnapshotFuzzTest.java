package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.chunk.CorruptChunk;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the image of a snapshot holds that names chunks in files beside it, loading it gives an
 * engine, or {@link CorruptFile}; reading the engine's samples gives {@link CorruptChunk} at worst,
 * where a chunk was forged with its checksum.
 */
class SnapshotFuzzTest {

  @TempDir private static Path directory;

  private static byte[] image = {};
  private static String stateHash = "";

  static LongStream seeds() {
    return LongStream.concat(LongStream.range(0, 6), new SplittableRandom().longs(2));
  }

  private static Path snapshot() {
    return directory.resolve("snapshot");
  }

  private static Tsdb load() throws IOException {
    return Tsdb.load(snapshot(), SmallChunksHead.in(directory.resolve("loaded")));
  }

  private static String hash(Tsdb tsdb) {
    try (FrozenTsdb frozen = tsdb.freeze()) {
      return Arrays.toString(frozen.stateHash());
    }
  }

  @BeforeAll
  static void writeSnapshot() throws IOException {
    Files.createDirectory(snapshot());
    try (Tsdb tsdb = Tsdb.empty(SmallChunksHead.in(directory.resolve("chunks_head")))) {
      ImageFuzzTest.fill(tsdb);
      assertThat(tsdb.spill()).isGreaterThan(100);
      stateHash = hash(tsdb);
      try (FrozenTsdb frozen = tsdb.freeze()) {
        frozen.writeSnapshot(snapshot());
      }
    }
    image = Files.readAllBytes(snapshot().resolve("head"));
    try (Tsdb tsdb = load()) {
      assertThat(hash(tsdb)).isEqualTo(stateHash);
      readAll(tsdb);
    }
  }

  private static long readAll(Tsdb tsdb) {
    long samples = 0;
    Selection all = new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);
    try (Capture capture = tsdb.select(List.of(all), Integer.MAX_VALUE)) {
      for (SeriesView view : capture.series().getFirst()) {
        for (var cursor = view.samples(); cursor.next(); ) {
          samples++;
        }
      }
    }
    return samples;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aDamagedImageWithTheRightChecksumIsRefusedOrAnotherState(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    int refused = 0;
    for (int i = 0; i < 25; i++) {
      byte[] forged = ImageFuzzTest.damage(image, random);
      if (forged.length < ImageFuzzTest.FOOTER_BYTES) {
        continue;
      }
      ImageFuzzTest.checksum(forged);
      Files.write(snapshot().resolve("head"), forged);
      try (Tsdb tsdb = load()) {
        assertThat(readAll(tsdb)).isPositive();
      } catch (CorruptFile | CorruptChunk e) {
        refused++;
      } catch (MissingBlock e) {
        assertThat(e).hasMessageContaining("not in the data directory"); // it names another block
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void eachFileIsNeeded() throws IOException {
    Files.write(snapshot().resolve("head"), image);
    List<Path> files;
    try (Stream<Path> listed = Files.list(snapshot().resolve("chunks_head"))) {
      files = listed.sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(3);
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      Files.delete(file);
      assertThatThrownBy(SnapshotFuzzTest::load).isInstanceOf(CorruptFile.class);
      Files.write(file, bytes);
    }
    try (Tsdb tsdb = load()) {
      assertThat(hash(tsdb)).isEqualTo(stateHash);
    }
  }
}

package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.chunk.RandomHistograms;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a file holds, loading it gives an engine or {@link CorruptFile}. */
class ImageFuzzTest {

  static final BlockFacts FACTS = new BlockFacts(new Digest(1, 2, 3, 4), 1, 1, 1, 1);

  static final int FOOTER_BYTES = 4;

  @TempDir private static Path directory;

  private static byte[] image = {};

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 12), new SplittableRandom().longs(4).map(Math::abs));
  }

  @BeforeAll
  static void writeImage() throws IOException {
    Tsdb tsdb = new Tsdb();
    fill(tsdb);
    Path file = directory.resolve("good");
    tsdb.freeze().writeTo(file);
    image = Files.readAllBytes(file);
  }

  /** A state with something of everything. */
  static void fill(Tsdb tsdb) {
    tsdb.configure(new Settings(RandomBatches.BLOCK_RANGE_MS, 100_000));
    RandomBatches batches = new RandomBatches(99);
    RandomHistograms histograms =
        new RandomHistograms(new SplittableRandom(99), SampleKind.HISTOGRAM, false, false, 10, 10);
    for (int entry = 0; entry < 150; entry++) {
      tsdb.append(batches.next(tsdb.stats().seriesCount() + 1));
      tsdb.append(
          new SampleBatch.Builder()
              .series(Labels.of("__name__", "histogram"))
              .histogram(tsdb.stats().maxMs(), histograms.next())
              .build());
      long behindMs = tsdb.stats().maxMs() - RandomBatches.BLOCK_RANGE_MS;
      tsdb.cut(behindMs - behindMs % RandomBatches.BLOCK_RANGE_MS, new Ulid(1, entry));
      if (entry % 20 == 0) {
        tsdb.delete(List.of(), tsdb.stats().maxMs() - 70_000, tsdb.stats().maxMs() - 60_000);
      }
      if (entry == 120) {
        sealOutOfOrder(tsdb);
      }
      tsdb.publish(entry);
    }
    assertThat(tsdb.sealedParts()).hasSizeGreaterThan(3);
  }

  private static void sealOutOfOrder(Tsdb tsdb) {
    tsdb.waiting().forEach(range -> tsdb.built(range.ulid(), FACTS));
    List<SealedRange> ranges = new ArrayList<>();
    for (long fromMs : tsdb.outOfOrderRanges()) {
      long upToMs = fromMs + RandomBatches.BLOCK_RANGE_MS;
      if (upToMs <= tsdb.sealedUpToMs()) {
        Ulid ulid = new Ulid(2, fromMs);
        ranges.add(new SealedRange(ulid, SealedRange.Kind.OUT_OF_ORDER, fromMs, upToMs));
      }
    }
    assertThat(tsdb.cutOutOfOrder(ranges)).isEqualTo(new CutResult.Sealed(ranges));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aDamagedImageIsRefused(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 25; i++) {
      byte[] damaged = damage(image, random);
      assertThat(Arrays.equals(damaged, image)).isFalse();
      Path file = Files.write(directory.resolve("damaged" + seed), damaged);
      assertThatThrownBy(() -> Tsdb.load(file))
          .isInstanceOf(CorruptFile.class)
          .hasMessageContaining("expected")
          .hasMessageContaining(file.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aDamagedImageWithTheRightChecksumIsRefusedOrAnotherState(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    int refused = 0;
    for (int i = 0; i < 25; i++) {
      byte[] forged = damage(image, random);
      if (forged.length < FOOTER_BYTES) {
        continue;
      }
      checksum(forged);
      Path file = Files.write(directory.resolve("forged" + seed), forged);
      try {
        Tsdb tsdb = Tsdb.load(file);
        assertThat(tsdb.stats().bytes()).isBetween(0L, 100L * image.length);
      } catch (CorruptFile e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    Path file = directory.resolve("short");
    for (int length = 0; length < image.length; length += 1 + length / 8) {
      Files.write(file, Arrays.copyOf(image, length));
      assertThatThrownBy(() -> Tsdb.load(file)).isInstanceOf(CorruptFile.class);
    }
  }

  @Test
  void anotherVersionIsRefusedWithWhatToDo() throws IOException {
    byte[] newer = image.clone();
    newer[7] = 5;
    Path file = Files.write(directory.resolve("newer"), newer);
    assertThatThrownBy(() -> Tsdb.load(file))
        .isInstanceOf(CorruptFile.class)
        .hasMessageContaining("version 5")
        .hasMessageContaining("upgrade");
  }

  /** Puts the right checksum under an image. */
  static void checksum(byte[] forged) {
    CRC32C crc = new CRC32C();
    crc.update(forged, 0, forged.length - FOOTER_BYTES);
    ByteBuffer.wrap(forged).putInt(forged.length - FOOTER_BYTES, (int) crc.getValue());
  }

  static byte[] damage(byte[] image, SplittableRandom random) {
    byte[] bytes = image.clone();
    switch (random.nextInt(5)) {
      case 0 -> {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      case 1 -> {
        return Arrays.copyOf(bytes, bytes.length + random.nextInt(1, 50));
      }
      case 2 -> {
        int start = random.nextInt(bytes.length - 40);
        for (int i = start; i < start + 40; i++) {
          bytes[i] = (byte) random.nextInt();
        }
      }
      case 3 -> {
        bytes[random.nextInt(bytes.length)] ^= (byte) 0xff;
      }
      default -> {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
    }
    return bytes;
  }
}

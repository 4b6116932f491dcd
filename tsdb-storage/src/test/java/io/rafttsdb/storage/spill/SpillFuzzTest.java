package io.rafttsdb.storage.spill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.spill.RandomChunks.Owned;
import io.rafttsdb.storage.spill.SpillFiles.Opened;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files: every byte changed, cut at every length. Whatever is read then is what was
 * written, and whatever is not is a {@link CorruptFile}.
 */
class SpillFuzzTest {

  private static final Disk DISK = new ForgetfulDisk();
  private static final String NAME = "000001";

  @TempDir private Path root;

  private final Map<Long, Owned> appended = new TreeMap<>();

  /** End of what a mark says was forced, in a file that did not end. */
  private long markedBytes;

  private Path fill() throws IOException {
    RandomChunks chunks = new RandomChunks(11);
    Path directory = Files.createDirectory(root.resolve("filled"));
    try (SpillFiles files = SpillFiles.open(DISK, directory, 1 << 20, Runnable::run).files()) {
      for (int size : new int[] {2, 20, 140}) {
        append(files, chunks.next(size));
      }
      files.force();
      markedBytes = Files.size(directory.resolve(NAME));
      append(files, chunks.next(30));
      append(files, chunks.next(10));
      files.force();
    }
    return directory.resolve(NAME);
  }

  private void append(SpillFiles files, Owned owned) throws IOException {
    appended.put(files.append(owned.seriesRef(), owned.chunk()), owned);
  }

  /** The bytes of a file that ended, with these chunks. */
  private byte[] endedFile() throws IOException {
    Path file = fill();
    SpillFiles.open(DISK, file.resolveSibling("."), 1 << 20, Runnable::run).files().close();
    return Files.readAllBytes(file);
  }

  private List<SpilledChunk> scan(Path file) throws IOException {
    List<SpilledChunk> chunks = new ArrayList<>();
    SpillScan.ended(file, bytes -> {}, chunks::add);
    return chunks;
  }

  @Test
  void everyChangedByteOfAnEndedFileIsFound() throws IOException {
    byte[] sound = endedFile();
    Path file = root.resolve(NAME);
    Files.write(file, sound);
    assertThat(scan(file)).hasSize(5);
    SplittableRandom random = new SplittableRandom(3);
    for (int at = 0; at < sound.length; at++) {
      byte[] damaged = sound.clone();
      damaged[at] ^= (byte) random.nextInt(1, 256);
      Files.write(file, damaged);
      assertThatThrownBy(() -> scan(file))
          .as("byte %d", at)
          .isInstanceOf(CorruptFile.class)
          .hasMessageContaining(NAME + " at offset ");
    }
  }

  @Test
  void everyShorterOrLongerFileIsFound() throws IOException {
    byte[] sound = endedFile();
    Path file = root.resolve(NAME);
    for (int length = 0; length < sound.length + 40; length++) {
      if (length != sound.length) {
        Files.write(file, Arrays.copyOf(sound, length));
        assertThatThrownBy(() -> scan(file))
            .as("length %d", length)
            .isInstanceOf(CorruptFile.class);
      }
    }
  }

  @Test
  void aChangedByteGivesNoWrongChunk() throws IOException {
    byte[] sound = endedFile();
    SplittableRandom random = new SplittableRandom(4);
    for (int at = 0; at < sound.length; at++) {
      byte[] damaged = sound.clone();
      damaged[at] ^= (byte) random.nextInt(1, 256);
      assertReadsOnlyWhatWasWritten(damaged, at);
    }
  }

  /** Opens a file as an ended one, and reads all places, of which at most one is damaged. */
  private void assertReadsOnlyWhatWasWritten(byte[] damaged, int at) throws IOException {
    Path directory = directoryOf(damaged, at);
    Files.createFile(directory.resolve("000002"));
    Opened opened = SpillFiles.open(DISK, directory, 1 << 20, Runnable::run);
    int unread = 0;
    try (SpillFiles files = opened.files()) {
      for (Map.Entry<Long, Owned> entry : appended.entrySet()) {
        try {
          entry.getValue().assertIs(files.read(entry.getKey()));
        } catch (CorruptFile e) {
          unread++;
        }
      }
    }
    if (opened.refused().isEmpty()) {
      assertThat(unread).as("byte %d", at).isLessThanOrEqualTo(1);
    } else {
      assertThat(opened.refused()).hasSize(1);
      assertThat(unread).isEqualTo(appended.size());
    }
    DISK.delete(directory);
  }

  private Path directoryOf(byte[] bytes, int name) throws IOException {
    Path directory = Files.createDirectory(root.resolve("damaged" + name));
    Files.write(directory.resolve(NAME), bytes);
    return directory;
  }

  @Test
  void theTailOfTheLastFileIsCutAndNothingElse() throws IOException {
    byte[] sound = Files.readAllBytes(fill());
    SplittableRandom random = new SplittableRandom(5);
    for (int at = 0; at < sound.length; at++) {
      byte[] damaged = sound.clone();
      damaged[at] ^= (byte) random.nextInt(1, 256);
      Path directory = directoryOf(damaged, at);
      Opened opened = SpillFiles.open(DISK, directory, 1 << 20, Runnable::run);
      opened.files().close();
      boolean isCut = at >= markedBytes;
      assertThat(opened.refused().isEmpty()).as("byte %d", at).isEqualTo(isCut);
      assertThat(opened.cutBytes() > 0).as("byte %d", at).isEqualTo(isCut);
      if (isCut) {
        List<SpilledChunk> left = scan(directory.resolve(NAME));
        assertThat(left).hasSizeBetween(3, 4);
        left.forEach(chunk -> RandomChunks.assertAppended(appended, chunk));
      }
      DISK.delete(directory);
    }
  }

  @Test
  void aPlaceThatIsNoneIsRefused() throws IOException {
    Path file = fill();
    Path directory = file.resolveSibling(".").normalize();
    try (SpillFiles files = SpillFiles.open(DISK, directory, 1 << 20, Runnable::run).files()) {
      for (long offset = 0; offset < Files.size(file) + 20; offset++) {
        long place = SpillPlace.of(1, offset);
        Owned owned = appended.get(place);
        if (owned == null) {
          assertThatThrownBy(() -> files.read(place)).isInstanceOf(CorruptFile.class);
        } else {
          owned.assertIs(files.read(place));
        }
      }
      for (long place : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> files.read(place)).isInstanceOf(CorruptFile.class);
      }
    }
  }

  @Test
  void randomBytesAreNoFile() throws IOException {
    SplittableRandom random = new SplittableRandom(6);
    byte[] header = Arrays.copyOf(endedFile(), SpillFormat.HEADER_BYTES);
    Path file = root.resolve(NAME);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = new byte[random.nextInt(SpillFormat.HEADER_BYTES, 500)];
      random.nextBytes(bytes);
      if (random.nextBoolean()) {
        System.arraycopy(header, 0, bytes, 0, header.length);
      }
      Files.write(file, bytes);
      assertThatThrownBy(() -> scan(file)).isInstanceOf(CorruptFile.class);
    }
  }
}

package io.rafttsdb.storage.spill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.file.UsedAfterClose;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.FormatTooNew;
import io.rafttsdb.storage.model.FormatTooOld;
import io.rafttsdb.storage.spill.RandomChunks.Owned;
import io.rafttsdb.storage.spill.SpillFiles.Opened;
import io.rafttsdb.storage.spill.SpillFiles.Refused;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a Head asks of its files. */
class SpillFilesTest {

  private static final Disk DISK = new ForgetfulDisk();
  private static final long FILE_BYTES = 1 << 20;

  @TempDir private Path directory;

  private final RandomChunks chunks = new RandomChunks(1);

  private Opened open(Path path) throws IOException {
    return SpillFiles.open(DISK, path, FILE_BYTES, Runnable::run);
  }

  private SpillFiles openSound() throws IOException {
    Opened opened = open(directory);
    assertThat(opened.refused()).isEmpty();
    return opened.files();
  }

  private static long append(SpillFiles files, Owned owned) throws IOException {
    return files.append(owned.seriesRef(), owned.chunk());
  }

  private Path file(int number) {
    return directory.resolve(SpillFormat.name(number));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> names = Files.list(directory)) {
      return names.map(path -> String.valueOf(path.getFileName())).sorted().toList();
    }
  }

  @Test
  void aChunkCanBeReadOnceItIsForced() throws IOException {
    try (SpillFiles files = openSound()) {
      Owned first = chunks.next();
      long place = append(files, first);
      assertThat(SpillPlace.file(place)).isEqualTo(1);
      assertThat(SpillPlace.offset(place)).isEqualTo(SpillFormat.HEADER_BYTES);
      assertThat(files.isForced(place)).isFalse();
      assertThatThrownBy(() -> files.read(place))
          .isInstanceOf(CorruptFile.class)
          .hasMessageContaining("at offset 16: expected a chunk, found a file that can be read up");

      files.force();
      assertThat(files.isForced(place)).isTrue();
      first.assertIs(files.read(place));
      assertThat(files.read(place).place()).isEqualTo(place);

      Owned second = chunks.next();
      long next = append(files, second);
      assertThat(next).isGreaterThan(place);
      assertThat(files.isForced(next)).isFalse();
      first.assertIs(files.read(place));
      files.rotate();
      assertThat(files.isForced(next)).isTrue();
      second.assertIs(files.read(next));
      assertThat(files.sizeBytes()).isEqualTo(Files.size(file(1)));
    }
  }

  @Test
  void aRotatedFileIsNeverWrittenAgain() throws IOException {
    try (SpillFiles files = openSound()) {
      files.rotate();
      assertThat(names()).isEmpty();
      append(files, chunks.next());
      files.rotate();
      files.rotate();
      byte[] bytes = Files.readAllBytes(file(1));
      long place = append(files, chunks.next());
      files.force();
      assertThat(SpillPlace.file(place)).isEqualTo(2);
      assertThat(Files.readAllBytes(file(1))).isEqualTo(bytes);
      assertThat(files.endedFiles()).containsExactly(1);
    }
  }

  @Test
  void filesHaveALengthThatOnlyALongChunkExceeds() throws IOException {
    try (SpillFiles files = SpillFiles.open(DISK, directory, 1000, Runnable::run).files()) {
      long place = 0;
      for (int size : new int[] {100, 400, 100, 200, 5000, 50}) {
        place = append(files, chunks.next(size));
      }
      files.force();
      assertThat(SpillPlace.file(place)).isEqualTo(4);
      assertThat(files.endedFiles()).containsExactly(1, 2, 3);
      assertThat(Files.size(file(1))).isBetween(600L, 1000L);
      assertThat(Files.size(file(2))).isBetween(200L, 300L);
      assertThat(Files.size(file(3))).isGreaterThan(5000);
    }
  }

  @Test
  void whatIsAppendedIsChecked() throws IOException {
    try (SpillFiles files = openSound()) {
      Chunk chunk = chunks.next().chunk();
      assertThatThrownBy(() -> files.append(0, chunk))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("series 0");
      Chunk huge = new Chunk(Encoding.XOR, 0, 0, new byte[SpillFormat.CHUNK_BYTES_MAX + 1]);
      assertThatThrownBy(() -> files.append(1, huge))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at most 67108864");
      append(files, chunks.next());
    }
    assertThatThrownBy(() -> SpillFiles.open(DISK, directory, 40, Runnable::run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("files of 40 bytes");
  }

  @Test
  void deletedFilesAreReadByWhoeverHasALease() throws IOException {
    List<Runnable> unmaps = new ArrayList<>();
    try (SpillFiles files = SpillFiles.open(DISK, directory, FILE_BYTES, unmaps::add).files()) {
      Owned owned = chunks.next();
      final long place = append(files, owned);
      files.rotate();
      final SpillLease lease = files.acquire();
      final SpillLease another = files.acquire();
      Owned kept = chunks.next();
      final long keptPlace = append(files, kept);
      files.rotate();
      assertThat(files.delete(number -> number < 2)).isEqualTo(1);
      assertThat(files.delete(number -> number < 2)).isZero();
      assertThat(names()).containsExactly("000002");
      assertThat(files.endedFiles()).containsExactly(2);

      owned.assertIs(lease.read(place));
      kept.assertIs(lease.read(keptPlace));
      lease.close();
      lease.close();
      owned.assertIs(another.read(place));
      assertThat(unmaps).isEmpty();
      another.close();
      assertThat(unmaps).hasSize(1);
      assertThatThrownBy(() -> files.read(place))
          .isInstanceOf(CorruptFile.class)
          .hasMessageContaining("found no such file");
      assertThatThrownBy(() -> another.read(keptPlace)).isInstanceOf(UsedAfterClose.class);
      kept.assertIs(files.read(keptPlace));
      unmaps.getFirst().run();
      kept.assertIs(files.read(keptPlace));
    }
    assertThat(unmaps).hasSize(2);
  }

  @Test
  void afterTheCloseOnlyLeasesRead() throws IOException {
    Owned owned = chunks.next();
    SpillFiles files = openSound();
    long place = append(files, owned);
    files.force();
    SpillLease lease = files.acquire();
    files.close();
    files.close();
    owned.assertIs(lease.read(place));
    assertThatThrownBy(files::acquire).isInstanceOf(UsedAfterClose.class);
    assertThatThrownBy(() -> append(files, owned)).isInstanceOf(UsedAfterClose.class);
    assertThatThrownBy(files::force).isInstanceOf(UsedAfterClose.class);
    assertThatThrownBy(() -> files.delete(number -> true)).isInstanceOf(UsedAfterClose.class);
    assertThatThrownBy(() -> files.link(directory)).isInstanceOf(UsedAfterClose.class);
    lease.close();
  }

  @Test
  void anExecutorThatHasEndedLeavesNothingMapped() throws IOException {
    SpillFiles files =
        SpillFiles.open(
                DISK,
                directory,
                FILE_BYTES,
                unmap -> {
                  throw new RejectedExecutionException();
                })
            .files();
    append(files, chunks.next());
    files.rotate();
    assertThat(files.delete(number -> true)).isEqualTo(1);
    files.close();
  }

  @Test
  void aSnapshotLinksEndedFilesAndIsRestoredFromThem() throws IOException {
    Path snapshot = Files.createDirectory(directory.resolve("snapshot"));
    Path other = Files.createDirectory(directory.resolve("other"));
    List<Owned> owned = List.of(chunks.next(), chunks.next(), chunks.next());
    List<Long> places = new ArrayList<>();
    try (SpillFiles files = openSound()) {
      places.add(append(files, owned.get(0)));
      files.rotate();
      places.add(append(files, owned.get(1)));
      files.rotate();
      append(files, chunks.next());
      files.force();
      assertThat(files.link(snapshot)).containsExactly(1, 2);
      assertThat(files.delete(number -> true)).isEqualTo(2);
      append(files, chunks.next());
      files.rotate();
    }
    Files.write(directory.resolve("000007.tmp"), new byte[9]);
    for (Path target : List.of(other, directory)) {
      SpillFiles.restore(DISK, snapshot, target);
      try (SpillFiles files = open(target).files()) {
        assertThat(files.endedFiles()).containsExactly(1, 2);
        owned.get(0).assertIs(files.read(places.get(0)));
        owned.get(1).assertIs(files.read(places.get(1)));
        assertThat(SpillPlace.file(append(files, owned.get(2)))).isEqualTo(3);
      }
    }
    assertThat(names()).containsExactly("000001", "000002", "000003", "other", "snapshot");
    SpillScan.ended(snapshot.resolve("000002"), bytes -> {}, found -> owned.get(1).assertIs(found));
  }

  @Test
  void cuttingATornTailLeavesALinkAlone() throws IOException {
    Owned owned = chunks.next();
    long place;
    try (SpillFiles files = openSound()) {
      place = append(files, owned);
      files.force();
    }
    Files.write(file(1), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
    Path link = directory.resolve("link");
    DISK.link(file(1), link);
    byte[] before = Files.readAllBytes(link);
    Opened opened = open(directory);
    try (SpillFiles files = opened.files()) {
      assertThat(opened.cutBytes()).isEqualTo(3);
      owned.assertIs(files.read(place));
      assertThat(files.endedFiles()).containsExactly(1);
      assertThat(Files.size(file(1))).isEqualTo(before.length - 3 + SpillFormat.MARK_BYTES);
    }
    assertThat(Files.readAllBytes(link)).isEqualTo(before);
    Opened again = open(directory);
    again.files().close();
    assertThat(again.cutBytes()).isZero();
  }

  @Test
  void aTailThatWasForcedIsDamageAndNotCut() throws IOException {
    try (SpillFiles files = openSound()) {
      append(files, chunks.next(100));
      files.force();
      append(files, chunks.next(100));
      append(files, chunks.next(100));
      files.force();
    }
    byte[] sound = Files.readAllBytes(file(1));
    byte[] damaged = sound.clone();
    damaged[50] ^= 1;
    Files.write(file(1), damaged);
    Opened opened = open(directory);
    opened.files().close();
    assertThat(opened.refused()).hasSize(1);
    Refused refused = opened.refused().getFirst();
    assertThat(refused.file()).isEqualTo(1);
    assertThat(refused.reason()).isInstanceOf(CorruptFile.class).hasMessageContaining("000001");
    Path movedTo = refused.movedTo().orElseThrow();
    assertThat(movedTo).hasBinaryContent(damaged);
    assertThat(names()).containsExactly("quarantine");

    damaged = sound.clone();
    damaged[sound.length - 50] ^= 1;
    Files.write(file(1), damaged);
    Opened cut = open(directory);
    cut.files().close();
    assertThat(cut.refused()).isEmpty();
    assertThat(cut.cutBytes()).isBetween(100L, 140L);
  }

  @Test
  void anotherFileThanTheLastMustHaveEnded() throws IOException {
    try (SpillFiles files = openSound()) {
      append(files, chunks.next());
      files.rotate();
      append(files, chunks.next());
      files.rotate();
    }
    byte[] bytes = Files.readAllBytes(file(1));
    Files.write(file(1), Arrays.copyOf(bytes, bytes.length - SpillFormat.MARK_BYTES));
    Files.createDirectories(directory.resolve("quarantine/000001-corrupt"));
    Opened opened = open(directory);
    try (SpillFiles files = opened.files()) {
      assertThat(files.endedFiles()).containsExactly(2);
      assertThat(opened.refused().getFirst().reason()).hasMessageContaining("a mark of the end");
      assertThat(opened.refused().getFirst().movedTo().orElseThrow())
          .hasFileName("000001-corrupt-2");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 16})
  void aFileThatWasNeverBegunIsRemoved(int length) throws IOException {
    Files.write(file(4), new byte[length]);
    try (SpillFiles files = openSound()) {
      assertThat(names()).isEmpty();
      assertThat(SpillPlace.file(append(files, chunks.next()))).isEqualTo(5);
    }
  }

  @Test
  void otherVersionsAreLeftInTheirPlace() throws IOException {
    try (SpillFiles files = openSound()) {
      append(files, chunks.next());
      files.rotate();
    }
    byte[] bytes = Files.readAllBytes(file(1));
    for (int version : new int[] {0, 2}) {
      bytes[SpillFormat.VERSION_OFFSET] = (byte) version;
      Files.write(file(1), bytes);
      Opened opened = open(directory);
      opened.files().close();
      Refused refused = opened.refused().getFirst();
      assertThat(refused.reason())
          .isInstanceOf(version == 0 ? FormatTooOld.class : FormatTooNew.class);
      assertThat(refused.movedTo()).isEmpty();
      assertThat(names()).containsExactly("000001");
    }
  }

  @Test
  void aFileThatWasCutWhileMappedIsAnErrorOfThatFile() throws IOException {
    try (SpillFiles files = openSound()) {
      long place = 0;
      for (int i = 0; i < 40; i++) {
        place = append(files, chunks.next(600));
      }
      files.rotate();
      try (FileChannel channel = FileChannel.open(file(1), StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
      long last = place;
      assertThatThrownBy(() -> files.read(last))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("000001 can't be read");
    }
  }

  @Test
  void afterAFailedForceNothingIsWritten() throws IOException {
    AtomicBoolean isFailing = new AtomicBoolean();
    Disk disk =
        new ForgetfulDisk(
            new LocalDisk(),
            file -> {
              if (isFailing.get()) {
                throw new IOException("no space left");
              }
            },
            path -> {});
    try (SpillFiles files = SpillFiles.open(disk, directory, FILE_BYTES, Runnable::run).files()) {
      Owned owned = chunks.next();
      long place = append(files, owned);
      files.force();
      long lost = append(files, chunks.next());
      isFailing.set(true);
      assertThatThrownBy(files::force).hasMessage("no space left");
      isFailing.set(false);
      assertThatThrownBy(files::force)
          .hasMessageContaining("not written any more")
          .hasRootCauseMessage("no space left");
      assertThatThrownBy(() -> append(files, owned)).hasMessageContaining("not written any more");
      assertThatThrownBy(files::rotate).hasMessageContaining("not written any more");
      assertThat(files.isForced(lost)).isFalse();
      owned.assertIs(files.read(place));
    }
  }
}

package io.rafttsdb.storage.spill;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.file.CrashingDisk;
import io.rafttsdb.storage.file.CrashingDisk.Variant;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskFile;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.spill.RandomChunks.Owned;
import io.rafttsdb.storage.spill.SpillFiles.Opened;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A crash at every step of a directory's life: what was forced is there afterwards, and what is
 * there was appended.
 *
 * <p>System property {@code rafttsdb.crash.variants}: random outcomes of each crash, 2 if not set.
 */
class SpillCrashTest {

  private static final int VARIANTS = Integer.getInteger("rafttsdb.crash.variants", 2);
  private static final long FILE_BYTES = 3000;

  @TempDir private Path scratch;
  private Path root = Path.of("");
  private int number;

  @BeforeEach
  void createRoot() throws IOException {
    root = Files.createDirectory(scratch.resolve("root"));
  }

  /** What a directory must and may hold from some step on. */
  private record Known(int step, Set<Long> forced, Set<Long> deleted) {}

  /** A life, and what was promised in it. */
  private static final class Life {
    private final CrashingDisk counting;
    private final SpillFiles files;
    private final RandomChunks chunks;
    private final Map<Long, Owned> appended = new TreeMap<>();
    private final Set<Long> deleted = new TreeSet<>();
    private final List<Known> known = new ArrayList<>();

    Life(CrashingDisk counting, Disk disk, Path root, long seed) throws IOException {
      this.counting = counting;
      this.chunks = new RandomChunks(seed);
      files = SpillFiles.open(disk, root, FILE_BYTES, Runnable::run).files();
      promise();
    }

    void promise() {
      Set<Long> forced = new TreeSet<>(appended.keySet());
      forced.removeIf(place -> !files.isForced(place));
      forced.removeAll(deleted);
      known.add(new Known(counting.stepCount(), forced, new TreeSet<>(deleted)));
    }

    void append(int count) throws IOException {
      for (int i = 0; i < count; i++) {
        Owned owned = chunks.next();
        appended.put(files.append(owned.seriesRef(), owned.chunk()), owned);
        promise();
      }
    }

    void force() throws IOException {
      files.force();
      promise();
    }

    void rotate() throws IOException {
      files.rotate();
      promise();
    }

    /** What is being deleted may be there or not from its beginning on. */
    void deleteBefore(int file) throws IOException {
      appended.keySet().stream()
          .filter(place -> SpillPlace.file(place) < file)
          .forEach(deleted::add);
      promise();
      files.delete(number -> number < file);
    }

    Set<Long> forcedAt(int step) {
      return known.stream().filter(at -> at.step <= step).toList().getLast().forced;
    }

    void run() throws IOException {
      append(3);
      force();
      append(2);
      force();
      append(4);
      rotate();
      append(9);
      force();
      deleteBefore(2);
      append(2);
      rotate();
      append(1);
      force();
      append(2);
      files.close();
    }
  }

  /** Chunks of a directory after a crash; nothing of it may be refused. */
  private static Map<Long, SpilledChunk> chunks(Path directory, Disk disk) throws IOException {
    Map<Long, SpilledChunk> chunks = new TreeMap<>();
    Opened opened = SpillFiles.open(disk, directory, FILE_BYTES, Runnable::run);
    assertThat(opened.refused()).isEmpty();
    try (SpillFiles files = opened.files()) {
      for (int number : files.endedFiles()) {
        Path path = directory.resolve(SpillFormat.name(number));
        SpillScan.ended(path, bytes -> {}, found -> chunks.put(found.place(), found));
      }
      for (Map.Entry<Long, SpilledChunk> entry : chunks.entrySet()) {
        SpilledChunk read = files.read(entry.getKey());
        new Owned(read.seriesRef(), read.chunk()).assertIs(entry.getValue());
      }
    }
    try (var names = Files.list(directory)) {
      assertThat(names.map(path -> String.valueOf(path.getFileName())))
          .as("nothing half made stays")
          .allMatch(name -> SpillFormat.number(name).isPresent());
    }
    return chunks;
  }

  /** What is checked in a directory that a crash left. */
  private interface Check {
    void of(Path left, int step) throws IOException;
  }

  private void crashEverywhere(CrashingDisk disk, Check check) throws IOException {
    for (int step = 0; step <= disk.stepCount(); step++) {
      for (int i = -2; i < VARIANTS; i++) {
        Variant variant = i == -2 ? Variant.LOST : i == -1 ? Variant.KEPT : Variant.MIXED;
        Path left = Files.createDirectory(scratch.resolve("crash" + number++));
        disk.materialize(step, variant, step * 31L + i, left);
        try {
          check.of(left, step);
        } catch (IOException | AssertionError e) {
          throw new AssertionError("crash at step " + step + ", " + variant + " " + i, e);
        }
        new LocalDisk().delete(left);
      }
    }
  }

  private void assertPromisesAreKept(Life life) throws IOException {
    crashEverywhere(
        life.counting,
        (left, step) -> {
          Map<Long, SpilledChunk> found = chunks(left, new ForgetfulDisk());
          assertThat(found.keySet()).containsAll(life.forcedAt(step));
          found.values().forEach(chunk -> RandomChunks.assertAppended(life.appended, chunk));
        });
  }

  @Test
  void whatWasForcedIsThere() throws IOException {
    CrashingDisk disk = new CrashingDisk(root);
    Life life = new Life(disk, disk, root, 1);
    life.run();
    assertThat(life.forcedAt(disk.stepCount())).hasSizeGreaterThan(3);
    assertPromisesAreKept(life);
  }

  @Test
  void aCrashWhileATailIsCutLosesNothing() throws IOException {
    Life life = new Life(new CrashingDisk(root), new ForgetfulDisk(), root, 5);
    life.append(2);
    life.rotate();
    life.append(3);
    life.force();
    life.append(2);
    life.force();
    life.files.close();
    Path last = root.resolve(SpillFormat.name(life.files.endedFiles().getLast() + 1));
    Files.write(last, new byte[99], StandardOpenOption.APPEND);
    CrashingDisk disk = new CrashingDisk(root);
    assertThat(chunks(root, disk)).hasSize(7);
    assertThat(disk.stepCount()).isGreaterThan(4);
    crashEverywhere(
        disk,
        (left, step) ->
            assertThat(chunks(left, new ForgetfulDisk()).keySet())
                .isEqualTo(life.appended.keySet()));
  }

  @Test
  void aCrashWhileADamagedFileIsMovedLeavesItSomewhere() throws IOException {
    Life life = new Life(new CrashingDisk(root), new ForgetfulDisk(), root, 6);
    life.append(2);
    life.rotate();
    life.append(1);
    life.rotate();
    life.files.close();
    Path path = root.resolve("000001");
    byte[] damaged = Files.readAllBytes(path);
    damaged[3] ^= 1;
    Files.write(path, damaged);
    CrashingDisk disk = new CrashingDisk(root);
    SpillFiles.open(disk, root, FILE_BYTES, Runnable::run).files().close();
    crashEverywhere(
        disk,
        (left, step) -> {
          Opened opened = SpillFiles.open(new ForgetfulDisk(), left, FILE_BYTES, Runnable::run);
          opened.files().close();
          assertThat(opened.files().endedFiles()).containsExactly(2);
          assertThat(left.resolve("quarantine/000001-corrupt")).hasBinaryContent(damaged);
        });
  }

  @Test
  void aSnapshotHasWhatItsLinksWerePromisedToHave() throws IOException {
    Files.createDirectory(root.resolve("chunks_head"));
    Files.createDirectory(root.resolve("snapshot"));
    Files.createDirectory(root.resolve("restored"));
    CrashingDisk disk = new CrashingDisk(root);
    Life life = new Life(disk, disk, root.resolve("chunks_head"), 7);
    life.append(5);
    life.rotate();
    life.files.link(root.resolve("snapshot"));
    final int linked = disk.stepCount();
    final Set<Long> promised = Set.copyOf(life.appended.keySet());
    life.append(2);
    life.deleteBefore(Integer.MAX_VALUE);
    life.files.close();
    SpillFiles.restore(disk, root.resolve("snapshot"), root.resolve("restored"));
    SpillFiles.restore(disk, root.resolve("snapshot"), root.resolve("chunks_head"));
    Map<Integer, Integer> restored = new HashMap<>();
    crashEverywhere(
        disk,
        (left, step) -> {
          if (step >= linked) {
            Path target = left.resolve("restored");
            SpillFiles.restore(new ForgetfulDisk(), left.resolve("snapshot"), target);
            assertThat(chunks(target, new ForgetfulDisk()).keySet()).isEqualTo(promised);
            Path again = left.resolve("chunks_head");
            SpillFiles.restore(new ForgetfulDisk(), left.resolve("snapshot"), again);
            assertThat(chunks(again, new ForgetfulDisk()).keySet()).isEqualTo(promised);
            restored.merge(step, 1, Integer::sum);
          }
        });
    assertThat(restored).containsKeys(linked, disk.stepCount());
    assertThat(chunks(root.resolve("chunks_head"), disk).keySet()).isEqualTo(promised);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theseTestsSeeAMissingForce(boolean forcesFiles) throws IOException {
    CrashingDisk disk = new CrashingDisk(root);
    Disk careless =
        forcesFiles
            ? new ForgetfulDisk(disk, DiskFile::force, directory -> {})
            : new ForgetfulDisk(disk, file -> {}, disk::forceDirectory);
    Life life = new Life(disk, careless, root, 1);
    life.run();
    boolean isSeen = false;
    try {
      assertPromisesAreKept(life);
    } catch (AssertionError e) {
      isSeen = true;
    }
    assertThat(isSeen).isTrue();
  }
}

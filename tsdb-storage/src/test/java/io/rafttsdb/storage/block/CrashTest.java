package io.rafttsdb.storage.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.block.BlockDirectory.Opened;
import io.rafttsdb.storage.block.RandomSeries.Sample;
import io.rafttsdb.storage.file.CrashingDisk;
import io.rafttsdb.storage.file.CrashingDisk.Variant;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.DiskFile;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A crash at every step of whatever changes a directory of blocks: what opens afterwards is the
 * state before or the one after, whole.
 *
 * <p>System property {@code rafttsdb.crash.variants}: random outcomes of each crash, 2 if not set.
 */
class CrashTest {

  private static final int VARIANTS = Integer.getInteger("rafttsdb.crash.variants", 2);

  private static final Ulid FIRST = Ulid.parse("01HF7XKM00000000000000000A");
  private static final Ulid SECOND = Ulid.parse("01HF7XKM00000000000000000B");

  private static final SortedMap<Labels, List<Sample>> SERIES = new RandomSeries(3).exactly(4);

  @TempDir private Path scratch;
  private Path root = Path.of("");

  @BeforeEach
  void createRoot() throws IOException {
    root = Files.createDirectory(scratch.resolve("root"));
  }

  /** Blocks by their names, as their checksums and tombstones. */
  private static Map<String, String> state(Path directory) throws IOException {
    Map<String, String> state = new TreeMap<>();
    Opened opened = new BlockDirectory(directory, new ForgetfulDisk()).open(Runnable::run);
    assertThat(opened.refused()).isEmpty();
    for (Block block : opened.blocks()) {
      block.close();
      BlockVerifier.verify(block.directory(), bytes -> {});
      byte[] checksum = BlockChecksum.of(block.directory(), bytes -> {});
      state.put(
          block.meta().ulid().toString(),
          HexFormat.of().formatHex(checksum) + " without " + block.tombstones());
    }
    try (var files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .as("nothing half made stays")
          .allMatch(name -> state.containsKey(name) || name.equals(BlockDirectory.QUARANTINE));
    }
    return state;
  }

  /** What changes the directory, once. */
  private interface Change {
    void run(Disk disk) throws IOException;
  }

  /** States after a crash at each step, in each variant; and after the last step. */
  private List<Map<String, String>> statesAfterCrashes(CrashingDisk disk) throws IOException {
    List<Map<String, String>> states = new ArrayList<>();
    int number = 0;
    for (int step = 0; step <= disk.stepCount(); step++) {
      for (int i = -2; i < VARIANTS; i++) {
        Variant variant = i == -2 ? Variant.LOST : i == -1 ? Variant.KEPT : Variant.MIXED;
        Path left = Files.createDirectory(scratch.resolve("crash" + number++));
        disk.materialize(step, variant, step * 31L + i, left);
        try {
          states.add(state(left));
        } catch (IOException | AssertionError e) {
          throw new AssertionError("crash at step " + step + ", " + variant + " " + i, e);
        }
        new LocalDisk().delete(left);
      }
    }
    return states;
  }

  private void assertOldOrNew(Change change) throws IOException {
    final Map<String, String> before = state(root);
    CrashingDisk disk = new CrashingDisk(root);
    change.run(disk);
    final Map<String, String> after = state(root);
    assertThat(after).isNotEqualTo(before);
    List<Map<String, String>> states = statesAfterCrashes(disk);
    assertThat(states).allMatch(state -> state.equals(before) || state.equals(after));
    assertThat(states).contains(before);
    assertThat(states.subList(states.size() - VARIANTS - 2, states.size()))
        .as("what was answered is there for good")
        .allMatch(after::equals);
  }

  @Test
  void aBlockIsPublishedWholeOrNotAtAll() throws IOException {
    RandomSeries.write(root, FIRST, SERIES);
    assertOldOrNew(disk -> RandomSeries.write(disk, root, SECOND, SERIES, 3_000));
  }

  @Test
  void aBlockIsDeletedWholeOrNotAtAll() throws IOException {
    RandomSeries.write(root, FIRST, SERIES);
    RandomSeries.write(root, SECOND, SERIES);
    assertOldOrNew(disk -> new BlockDirectory(root, disk).delete(FIRST));
  }

  @Test
  void tombstonesAreTheOldOrTheNewOnes() throws IOException {
    Path path = RandomSeries.write(root, FIRST, SERIES);
    try (Block block = Block.open(path)) {
      block.delete(new ForgetfulDisk(), List.of(), 0, RandomSeries.START_MS + 60_000);
    }
    assertOldOrNew(disk -> {
      try (Block block = Block.open(path)) {
        block.delete(disk, List.of(), RandomSeries.START_MS + 600_000, Long.MAX_VALUE);
      }
    });
  }

  @Test
  void aDamagedBlockIsInItsPlaceOrInQuarantine() throws IOException {
    RandomSeries.write(root, FIRST, SERIES);
    RandomSeries.write(root, SECOND, SERIES);
    assertOldOrNew(disk -> new BlockDirectory(root, disk).quarantine(FIRST, "test"));
  }

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 3), new SplittableRandom().longs(1).map(Math::abs));
  }

  /** One of the changes above, drawn for the blocks that are there. */
  private void change(SplittableRandom random, Disk disk, List<Ulid> there, Ulid next)
      throws IOException {
    Ulid some = there.isEmpty() ? next : there.get(random.nextInt(there.size()));
    BlockDirectory directory = new BlockDirectory(root, disk);
    switch (there.isEmpty() ? 0 : random.nextInt(5)) {
      case 0, 1 -> RandomSeries.write(disk, root, next, SERIES, 3_000);
      case 2 -> directory.delete(some);
      case 3 -> directory.quarantine(some, "test");
      default -> {
        try (Block block = Block.open(directory.of(some))) {
          long fromMs = RandomSeries.START_MS + random.nextLong(RandomSeries.RANGE_MS);
          block.delete(disk, List.of(), fromMs, fromMs + 300_000);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatWasDoneBeforeStaysAndWhatWasBegunIsWholeOrNothing(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    CrashingDisk disk = new CrashingDisk(root);
    List<Map<String, String>> states = new ArrayList<>(List.of(Map.of()));
    List<Integer> ends = new ArrayList<>(List.of(0));
    for (int i = 0; i < 8; i++) {
      List<Ulid> there = new BlockDirectory(root, disk).list();
      change(random, disk, there, new Ulid(0, i + 1));
      states.add(state(root));
      ends.add(disk.stepCount());
    }
    for (int i = 0; i < 10 * VARIANTS; i++) {
      int step = random.nextInt(disk.stepCount() + 1);
      int done = 0;
      while (done + 1 < ends.size() && ends.get(done + 1) <= step) {
        done++;
      }
      Path left = Files.createDirectory(scratch.resolve("crash" + i));
      disk.materialize(step, Variant.MIXED, random.nextLong(), left);
      assertThat(state(left))
          .as("crash at step %d, in change %d, seed %d", step, done + 1, seed)
          .isIn(states.get(done), states.get(Math.min(done + 1, states.size() - 1)));
    }
  }

  @Test
  void theseTestsSeeAMissingForce() throws IOException {
    RandomSeries.write(root, FIRST, SERIES);
    CrashingDisk disk = new CrashingDisk(root);
    Disk careless = new ForgetfulDisk(disk, DiskFile::force, directory -> {});
    new BlockDirectory(root, careless).delete(FIRST);
    boolean seen = false;
    try {
      statesAfterCrashes(disk);
    } catch (AssertionError e) {
      seen = true;
    }
    assertThat(seen).isTrue();
  }
}

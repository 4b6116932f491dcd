package io.rafttsdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.file.CrashingDisk;
import io.rafttsdb.storage.file.CrashingDisk.Variant;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.ForgetfulDisk;
import io.rafttsdb.storage.head.SealedPart;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A crash at every step of a shard that spills, takes snapshots and deletes files, and at every
 * step of a start: the newest snapshot that was published can be loaded, and with the log after it
 * gives the state that there would be without a crash.
 *
 * <p>System properties: {@code rafttsdb.crash.variants}, random outcomes of each crash, 1 if not
 * set; {@code rafttsdb.crash.stride}, of how many steps in a row one is the last before a crash, 3
 * if not set.
 */
class SnapshotCrashTest {

  private static final int VARIANTS = Integer.getInteger("rafttsdb.crash.variants", 1);
  private static final int STRIDE = Integer.getInteger("rafttsdb.crash.stride", 3);
  private static final int ENTRIES = 48;

  @TempDir private Path scratch;
  private Path root = Path.of("");
  private int number;

  /** State hashes by entry, of an engine that nothing happens to. */
  private final List<String> hashes = new ArrayList<>();

  /** By the steps taken before, the entry of a snapshot that is published for good. */
  private final Map<Integer, Long> published = new HashMap<>();

  private final List<SampleBatch> log = new ArrayList<>();

  @BeforeEach
  void createRoot() throws IOException {
    root = Files.createDirectory(scratch.resolve("root"));
    Files.createDirectory(root.resolve("snapshots"));
    RandomBatches batches = new RandomBatches(7);
    Tsdb steady = new Tsdb();
    for (int entry = 0; entry < ENTRIES; entry++) {
      log.add(batches.next(steady.stats().seriesCount() + 1));
      apply(steady, entry);
      hashes.add(hash(steady));
    }
  }

  private static String hash(Tsdb tsdb) {
    try (FrozenTsdb frozen = tsdb.freeze()) {
      return HexFormat.of().formatHex(frozen.stateHash());
    }
  }

  private void apply(Tsdb tsdb, int entry) {
    if (entry == 0) {
      tsdb.configure(new Settings(RandomBatches.BLOCK_RANGE_MS, 0));
    }
    tsdb.append(log.get(entry));
    if (entry % 10 == 9) {
      long behindMs = tsdb.stats().maxMs() - RandomBatches.BLOCK_RANGE_MS / 2;
      long upToMs = behindMs - Math.floorMod(behindMs, RandomBatches.BLOCK_RANGE_MS);
      tsdb.cut(upToMs, new Ulid(1, entry));
      tsdb.waiting().forEach(range -> tsdb.built(range.ulid(), ImageFuzzTest.FACTS));
    }
    tsdb.publish(entry);
  }

  private static ChunksHead chunks(Disk disk, Path shard) {
    return new ChunksHead(disk, shard.resolve("chunks_head"), 1_200, Runnable::run);
  }

  /** Applies the log from an entry on, and does in between what a node does. */
  private void live(Tsdb tsdb, CrashingDisk disk, int firstEntry) throws IOException {
    for (int entry = firstEntry; entry < ENTRIES; entry++) {
      apply(tsdb, entry);
      if (entry % 4 == 3) {
        int _ = tsdb.spill();
      }
      if (entry % 15 == 14) {
        snapshot(tsdb, disk, entry);
        tsdb.sealedParts().stream().map(SealedPart::range).forEach(r -> tsdb.forget(r.ulid()));
      }
    }
  }

  private void snapshot(Tsdb tsdb, CrashingDisk disk, int entry) throws IOException {
    Path snapshots = root.resolve("snapshots");
    Path temporary = snapshots.resolve(entry + ".tmp");
    disk.createDirectory(temporary);
    try (FrozenTsdb frozen = tsdb.freeze()) {
      frozen.writeSnapshot(temporary);
    }
    disk.rename(temporary, snapshots.resolve(String.valueOf(entry)));
    disk.forceDirectory(snapshots);
    published.put(disk.stepCount(), (long) entry);
  }

  /** Starts a shard: loads its newest snapshot, or begins where there is none. */
  private static Tsdb start(Path shard, Disk disk) throws IOException {
    long newest = -1;
    try (Stream<Path> names = Files.list(shard.resolve("snapshots"))) {
      for (Path each : names.toList()) {
        String name = String.valueOf(each.getFileName());
        newest = name.endsWith(".tmp") ? newest : Math.max(newest, Long.parseLong(name));
      }
    }
    return newest < 0
        ? Tsdb.empty(chunks(disk, shard))
        : Tsdb.load(shard.resolve("snapshots/" + newest), chunks(disk, shard));
  }

  private void checkStart(Path shard, long entryMin) throws IOException {
    try (Tsdb tsdb = start(shard, new ForgetfulDisk())) {
      int loaded = (int) tsdb.publishedIndex();
      assertThat(loaded).isGreaterThanOrEqualTo((int) entryMin);
      if (loaded >= 0) {
        assertThat(hash(tsdb)).isEqualTo(hashes.get(loaded));
      }
      for (int entry = loaded + 1; entry < ENTRIES; entry++) {
        apply(tsdb, entry);
        if (entry % 7 == 0) {
          int _ = tsdb.spill();
        }
      }
      assertThat(hash(tsdb)).isEqualTo(hashes.getLast());
    }
  }

  private Path materialized(CrashingDisk disk, int step, Variant variant, int seed)
      throws IOException {
    Path target = Files.createDirectory(scratch.resolve("crash" + number++));
    disk.materialize(step, variant, seed, target);
    return target;
  }

  private interface Check {
    void of(Path target, int step) throws IOException;
  }

  private void atEachStep(CrashingDisk disk, Check check) throws IOException {
    for (int step = 0; step <= disk.stepCount(); step += STRIDE) {
      Variant plain = step % 2 == 0 ? Variant.LOST : Variant.KEPT;
      check.of(materialized(disk, step, plain, 0), step);
      for (int i = 0; i < VARIANTS; i++) {
        check.of(materialized(disk, step, Variant.MIXED, step * 31 + i), step);
      }
    }
  }

  private long publishedAt(int step) {
    return published.entrySet().stream()
        .filter(each -> each.getKey() <= step)
        .mapToLong(Map.Entry::getValue)
        .max()
        .orElse(-1);
  }

  @Test
  void atEachStepOfALifeNothingIsLost() throws IOException {
    CrashingDisk disk = new CrashingDisk(root);
    Tsdb tsdb = Tsdb.empty(chunks(disk, root));
    live(tsdb, disk, 0);
    assertThat(hash(tsdb)).isEqualTo(hashes.getLast());
    tsdb.close();

    assertThat(published).hasSize(3);
    atEachStep(disk, (target, step) -> checkStart(target, publishedAt(step)));
  }

  @Test
  void atEachStepOfAStartNothingIsLost() throws IOException {
    CrashingDisk first = new CrashingDisk(root);
    Tsdb before = Tsdb.empty(chunks(first, root));
    live(before, first, 0);
    before.close();

    CrashingDisk second = new CrashingDisk(root);
    Tsdb tsdb = start(root, second);
    int loaded = (int) tsdb.publishedIndex();
    assertThat(loaded).isEqualTo(44);
    published.clear();
    live(tsdb, second, loaded + 1);
    tsdb.close();

    atEachStep(second, (target, step) -> checkStart(target, loaded));
  }
}

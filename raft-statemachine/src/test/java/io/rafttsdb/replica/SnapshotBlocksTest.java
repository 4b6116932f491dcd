package io.rafttsdb.replica;

import static io.rafttsdb.replica.BlockShard.ulid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.replica.disk.SnapshotBlock;
import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotFile;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots with blocks: what they hold, and when there is none. */
class SnapshotBlocksTest {
  @TempDir Path root;

  private BlockShard open() throws IOException {
    return BlockShard.open(root);
  }

  private static void deleteBlocks(BlockShard shard) throws IOException {
    shard.close();
    new LocalDisk().delete(shard.directory.resolve("blocks"));
  }

  private static Digest checksum(BlockShard shard, Ulid ulid) {
    return shard.tsdb().manifest().part(ulid).map(ManifestPart::facts).orElseThrow().checksum();
  }

  @Test
  void blocksAreSecondNamesAndEnoughToStartFrom() throws Exception {
    List<String> expected;
    String hash;
    try (BlockShard shard = open()) {
      shard.block(0);
      shard.block(1);
      SnapshotManifest manifest = shard.snapshot();
      assertThat(manifest.blocks())
          .extracting(SnapshotBlock::ulid)
          .containsExactly(ulid(0), ulid(1));
      for (SnapshotBlock block : manifest.blocks()) {
        assertThat(block.checksum()).isEqualTo(checksum(shard, block.ulid()));
        Path linked = block.directory(shard.snapshots.pathOf(manifest));
        assertThat(linked.resolve("tombstones")).doesNotExist();
        for (BlockFile file : block.files()) {
          assertThat(inode(linked.resolve(file.name())))
              .isEqualTo(inode(shard.store.directory().of(block.ulid()).resolve(file.name())));
        }
      }
      expected = shard.samples();
      hash = shard.stateHash();
      assertThat(expected).hasSize(20);
      deleteBlocks(shard);
    }

    try (BlockShard shard = open()) {
      assertThat(shard.store.names()).containsExactly(ulid(0), ulid(1));
      assertThat(shard.samples()).isEqualTo(expected);
      assertThat(shard.stateHash()).isEqualTo(hash);
    }
  }

  private static Object inode(Path file) throws IOException {
    return Files.getAttribute(file, "unix:ino");
  }

  @Test
  void withoutTheBlockAndWhatStandsInForItThereIsNone() throws Exception {
    try (BlockShard shard = open()) {
      shard.block(0);
      Ulid lost = shard.block(1);
      shard.store.remove(lost);
      assertThatThrownBy(shard::snapshot)
          .isInstanceOf(Uncovered.class)
          .hasMessageContaining(lost.toString());
      assertThat(root.resolve("snapshots")).isEmptyDirectory();
    }
  }

  @Test
  void aSealedPartInMemoryStandsInForItsBlock() throws Exception {
    List<String> expected;
    try (BlockShard shard = open()) {
      Ulid waiting = shard.sealed(0);
      Ulid builtElsewhere = shard.sealed(1);
      shard.built(builtElsewhere, shard.build(builtElsewhere));
      shard.store.remove(builtElsewhere);
      assertThat(shard.tsdb().manifest().part(waiting).orElseThrow().isBuilt()).isFalse();
      assertThat(shard.snapshot().blocks()).isEmpty();
      expected = shard.samples();
    }
    try (BlockShard shard = open()) {
      assertThat(shard.samples()).isEqualTo(expected).hasSize(20);
      BlockFacts facts = shard.build(ulid(0));
      shard.built(ulid(0), facts);
      assertThat(shard.snapshot().blocks())
          .extracting(SnapshotBlock::ulid)
          .containsExactly(ulid(0));
    }
  }

  private static List<String> paths(SnapshotManifest manifest) {
    return manifest.files().stream().map(SnapshotFile::path).toList();
  }

  @Test
  void fullChunksStandBesideTheImageAndAnEngineHasLinksOfItsOwn() throws Exception {
    List<String> expected;
    String hash;
    try (BlockShard shard = open()) {
      Ulid part = shard.sealed(0);
      assertThat(shard.sealed(1)).isNotNull();
      SnapshotManifest first = shard.snapshot();
      assertThat(paths(first)).containsExactly("head", "chunks_head/000001");
      shard.built(part, shard.build(part));
      assertThat(shard.sealed(2)).isNotNull();
      SnapshotManifest second = shard.snapshot();
      assertThat(paths(second)).containsExactly("head", "chunks_head/000001", "chunks_head/000002");
      assertThat(second.files().get(1)).isEqualTo(first.files().get(1));
      expected = shard.samples();
      hash = shard.stateHash();
    }
    try (BlockShard shard = open()) {
      assertThat(shard.samples()).isEqualTo(expected).hasSize(30);
      assertThat(shard.stateHash()).isEqualTo(hash);
      Path linked = shard.snapshots.pathOf(shard.snapshots.list().getFirst());
      assertThat(inode(root.resolve("chunks_head/1/000001")))
          .isEqualTo(inode(linked.resolve("chunks_head/000001")));
    }
    assertThat(root.resolve("chunks_head")).isEmptyDirectory();
  }

  @Test
  void aSnapshotWithADamagedFileOfFullChunksIsSetAside() throws Exception {
    String hash;
    try (BlockShard shard = open()) {
      Ulid part = shard.sealed(0);
      assertThat(shard.sealed(1)).isNotNull();
      SnapshotManifest older = shard.snapshot();
      assertThat(paths(older)).hasSize(2);
      hash = shard.stateHash();
      shard.built(part, shard.build(part));
      assertThat(shard.sealed(2)).isNotNull();
      SnapshotManifest newest = shard.snapshot();
      Path file = shard.snapshots.pathOf(newest).resolve("chunks_head/000002");
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 1;
      Files.write(file, bytes);
    }
    try (BlockShard shard = open()) {
      assertThat(shard.snapshots.list()).hasSize(1);
      assertThat(shard.stateHash()).isEqualTo(hash);
    }
  }

  @Test
  void theParentsStandInForAMergedBlockButOnlyAllOfThem() throws Exception {
    List<String> expected;
    Digest first;
    try (BlockShard shard = open()) {
      shard.block(0);
      shard.block(1);
      first = checksum(shard, ulid(0));
      Ulid merged = ulid(9);
      shard.orderCompaction(merged, List.of(ulid(0), ulid(1)));
      shard.built(merged, shard.buildCompaction(merged));
      assertThat(shard.snapshot().blocks()).extracting(SnapshotBlock::ulid).containsExactly(merged);

      shard.store.remove(merged);
      shard.tick();
      SnapshotManifest manifest = shard.snapshot();
      assertThat(manifest.blocks())
          .extracting(SnapshotBlock::ulid)
          .containsExactly(ulid(0), ulid(1));
      assertThat(manifest.blocks().getFirst().checksum()).isEqualTo(first);
      expected = shard.samples();

      shard.store.remove(ulid(1));
      assertThatThrownBy(shard::snapshot).isInstanceOf(Uncovered.class);
      deleteBlocks(shard);
    }
    try (BlockShard shard = open()) {
      assertThat(shard.samples()).isEqualTo(expected).hasSize(20);
    }
  }

  @Test
  void aBlockOfAnotherSizeIsAnotherBlock() throws Exception {
    try (BlockShard shard = open()) {
      Ulid ulid = shard.sealed(0);
      BlockFacts own = shard.build(ulid);
      shard.built(
          ulid,
          new BlockFacts(own.checksum(), own.sizeBytes() + 1, 1, own.chunks(), own.samples()));
      assertThat(shard.snapshot().blocks()).isEmpty();
      shard.forget(ulid);
      assertThatThrownBy(shard::snapshot).isInstanceOf(Uncovered.class);
    }
  }

  @Test
  void aBlockThatIsDroppedWhileTheSnapshotIsWrittenStaysForIt() throws Exception {
    try (BlockShard shard = open()) {
      Ulid ulid = shard.block(0);
      List<String> expected = shard.samples();
      SnapshotManifest manifest;
      try (FrozenState frozen =
          FrozenState.of(shard.tsdb(), shard.store, shard.applied(), List.of())) {
        shard.drop(ulid);
        shard.store.remove(ulid);
        assertThat(shard.store.has(ulid)).isFalse();
        manifest = shard.writer.write(frozen);
      }
      assertThat(shard.store.directory().of(ulid)).doesNotExist();
      assertThat(manifest.block(ulid)).isPresent();
      try (BlockShard again = open()) {
        assertThat(again.samples()).isEqualTo(expected);
      }
    }
  }

  @Test
  void aFileOfASnapshotIsNeverWrittenAgain() throws Exception {
    try (BlockShard shard = open()) {
      shard.block(0);
      shard.block(1);
      shard.snapshot();
      Map<String, String> before = contents(root.resolve("snapshots"));

      Ulid merged = ulid(9);
      shard.orderCompaction(merged, List.of(ulid(0), ulid(1)));
      shard.built(merged, shard.buildCompaction(merged));
      shard.store.remove(ulid(0));
      shard.store.remove(ulid(1));
      shard.drop(merged);
      shard.store.remove(merged);
      shard.sealed(2);
      assertThat(contents(root.resolve("snapshots"))).isEqualTo(before);
      shard.snapshot();
      assertThat(contents(root.resolve("snapshots"))).containsAllEntriesOf(before);
    }
    Map<String, String> before = contents(root.resolve("snapshots"));
    try (BlockShard shard = open()) {
      assertThat(shard.samples()).hasSize(10);
      assertThat(contents(root.resolve("snapshots"))).isEqualTo(before);
    }
  }

  /** Inode, time of the last change and bytes of each file. */
  private static Map<String, String> contents(Path directory) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        contents.put(
            directory.relativize(file).toString(),
            inode(file)
                + " "
                + Files.getLastModifiedTime(file)
                + " "
                + Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  @Test
  void whatTheProcessHadDoneWhenItDiedIsAlwaysAState() throws Exception {
    List<String> expected;
    String hash;
    try (BlockShard shard = open()) {
      shard.block(0);
      shard.snapshot();
      shard.block(1);
      expected = shard.samples();
      hash = shard.stateHash();
    }
    Path first = root.resolve("0");
    Files.createDirectory(first);
    for (String name : List.of("blocks", "snapshots")) {
      Files.move(root.resolve(name), first.resolve(name));
    }
    int stopped = 0;
    boolean finished = false;
    for (int steps = 0; !finished; steps++) {
      Path copy = root.resolve("copy-" + steps);
      copyTree(first, copy);
      // The state that was frozen is made again from the older snapshot, as replay does.
      StoppingDisk disk = new StoppingDisk(Integer.MAX_VALUE);
      SnapshotManifest manifest = null;
      try (BlockShard shard = BlockShard.open(copy)) {
        Ulid ulid = ulid(1);
        shard.store.remove(ulid);
        shard.block(1);
        assertThat(shard.stateHash()).isEqualTo(hash);
        disk = new StoppingDisk(steps);
        try (FrozenState frozen =
            FrozenState.of(shard.tsdb(), shard.store, shard.applied(), List.of())) {
          manifest =
              new SnapshotWriter(
                      SnapshotDirectory.open(copy.resolve("snapshots"), BlockShard.CLUSTER, disk),
                      BlockShard.CLUSTER,
                      disk)
                  .write(frozen);
        } catch (StoppingDisk.Stopped e) {
          stopped++;
        }
      }
      finished = manifest != null;
      if (finished) {
        assertThat(disk.isAllForced(copy)).isTrue();
      }
      try (BlockShard shard = BlockShard.open(copy)) {
        boolean isNew = shard.stateHash().equals(hash);
        assertThat(isNew || shard.samples().size() == 10).isTrue();
        assertThat(shard.samples()).isSubsetOf(expected);
        if (finished) {
          assertThat(shard.samples()).isEqualTo(expected);
        }
      }
      new LocalDisk().delete(copy);
    }
    assertThat(stopped).isGreaterThan(20);
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : tree.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    }
  }

  @Test
  void theTakerKeepsTheLogAndTriesAgain() throws Exception {
    try (BlockShard shard = open()) {
      shard.block(0);
      Ulid lost = shard.block(1);
      BlockFacts facts = shard.tsdb().manifest().part(lost).orElseThrow().facts();
      Path aside = Files.createTempDirectory(root, "aside").resolve("block");
      copyTree(shard.store.directory().of(lost), aside);
      shard.store.remove(lost);
      SnapshotTaker taker = taker(shard);

      taker.applied(1 << 20);
      assertThat(taker.isDue(System.nanoTime(), shard.applied().getIndex())).isTrue();
      assertThat(taker.take(shard.tsdb(), shard.applied())).isNegative();
      assertThat(taker.takeLast(shard.tsdb(), shard.applied())).isNegative();
      assertThat(taker.uncovered()).isEqualTo(2);
      assertThat(taker.failed()).isZero();
      assertThat(shard.snapshots.list()).isEmpty();

      assertThat(facts).isNotNull();
      shard.store.adopt(lost, aside);
      assertThat(taker.isDue(System.nanoTime(), shard.applied().getIndex())).isTrue();
      taker.take(shard.tsdb(), shard.applied());
      taker.takeLast(shard.tsdb(), shard.applied());
      assertThat(taker.taken()).isEqualTo(1);
      assertThat(shard.snapshots.list()).hasSize(1);
    }
  }

  private SnapshotTaker taker(BlockShard shard) {
    Member self = new Member("node1", "abc", "127.0.0.1:1", "127.0.0.1:2");
    ReplicaLimits limits =
        new ReplicaLimits(
            ReplicaLimits.DEFAULT.electionMin(),
            ReplicaLimits.DEFAULT.electionMax(),
            1000,
            Duration.ofDays(1),
            Duration.ZERO,
            1L << 30,
            1 << 20,
            1200,
            1,
            Duration.ofDays(1));
    ReplicaConfig config =
        new ReplicaConfig(
            BlockShard.CLUSTER,
            self,
            "127.0.0.1:1",
            List.of(self),
            root,
            TestCluster.SETTINGS,
            BlockPolicy.DEFAULT,
            limits,
            ReplicaConfig.FirstRole.VOTER);
    return new SnapshotTaker(
        config,
        shard.snapshots,
        shard.writer,
        shard.store,
        new FatalOnce((reason, cause) -> {
          throw new AssertionError(reason, cause);
        }));
  }
}

package io.rafttsdb.replica;

import static io.rafttsdb.replica.BlockShard.ulid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.model.MissingBlock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start from snapshots with blocks. */
class SnapshotStartTest {
  @TempDir Path root;
  private SnapshotManifest older;
  private SnapshotManifest newer;
  private List<String> expected;

  /** Two snapshots: of the block 0, and of the blocks 0 and 1. */
  @BeforeEach
  void makeSnapshots() throws Exception {
    try (BlockShard shard = open()) {
      shard.block(0);
      older = shard.snapshot();
      shard.block(1);
      newer = shard.snapshot();
      expected = shard.samples();
    }
  }

  private BlockShard open() throws IOException {
    return BlockShard.open(root);
  }

  private Path block(SnapshotManifest snapshot, int number) {
    return root.resolve("snapshots")
        .resolve(snapshot.name())
        .resolve("blocks")
        .resolve(ulid(number).toString());
  }

  private static void flip(Path path, long at) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(at);
      int old = file.read();
      file.seek(at);
      file.write(old ^ 1);
    }
  }

  @Test
  void theOlderOneServesWhereTheNewerIsDamagedAndItsBlocksAreCandidates() throws Exception {
    flip(root.resolve("snapshots").resolve(newer.name()).resolve("head"), 100);
    try (BlockShard shard = open()) {
      assertThat(shard.applied().getIndex()).isEqualTo(older.index());
      assertThat(shard.snapshots.list()).containsExactly(older);
      assertThat(shard.samples()).isEqualTo(expected.subList(0, 10));
      // The log has the entries by which the other block counts.
      assertThat(shard.store.names()).containsExactly(ulid(0), ulid(1));
    }
  }

  @Test
  void aSnapshotThatLacksAFileOfABlockIsSetAside() throws Exception {
    Files.delete(block(newer, 1).resolve("index"));
    try (BlockShard shard = open()) {
      assertThat(shard.snapshots.list()).containsExactly(older);
      assertThat(root.resolve("snapshots").resolve(newer.name() + ".damaged")).isDirectory();
    }
    Files.write(block(older, 0).resolve("chunks/000002"), new byte[1]);
    try (BlockShard shard = open()) {
      assertThat(shard.snapshots.list()).isEmpty();
      assertThat(shard.samples()).isEmpty();
    }
  }

  @Test
  void aDamagedBlockStopsNothingAndIsNamedByQueriesAndBySnapshots() throws Exception {
    flip(block(newer, 1).resolve("index"), 2); // its magic; the same file as in blocks/
    try (BlockShard shard = open()) {
      assertThat(shard.applied().getIndex()).isEqualTo(newer.index());
      assertThat(shard.store.names()).containsExactly(ulid(0));
      assertThatThrownBy(shard::samples)
          .isInstanceOf(MissingBlock.class)
          .hasMessageContaining(ulid(1).toString());
      assertThatThrownBy(shard::snapshot)
          .isInstanceOf(Uncovered.class)
          .hasMessageContaining(ulid(1).toString());
      shard.tick(); // applying needs no block
    }
    try (Stream<Path> aside = Files.list(root.resolve("blocks/quarantine"))) {
      assertThat(aside).isNotEmpty();
    }
  }

  @Test
  void whereverAStartWasBrokenOffTheNextOneIsWhole() throws Exception {
    try (BlockShard shard = open()) {
      shard.store.remove(ulid(0));
      shard.store.remove(ulid(1));
    }
    boolean finished = false;
    int steps = 0;
    for (; !finished; steps++) {
      StoppingDisk disk = new StoppingDisk(steps);
      try (BlockShard shard = BlockShard.open(root, disk)) {
        finished = shard.store.names().equals(List.of(ulid(0), ulid(1)));
        if (finished) {
          assertThat(disk.isAllForced(root.resolve("blocks"))).isTrue();
        }
      } catch (StoppingDisk.Stopped e) {
        continue; // while the directories were opened
      }
      try (BlockShard shard = open()) {
        assertThat(shard.samples()).isEqualTo(expected);
        assertThat(shard.store.names()).containsExactly(ulid(0), ulid(1));
        if (!finished) {
          shard.store.remove(ulid(0));
          shard.store.remove(ulid(1));
        }
      }
    }
    assertThat(steps).isGreaterThan(15);
  }
}

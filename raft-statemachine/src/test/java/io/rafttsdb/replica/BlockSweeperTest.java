package io.rafttsdb.replica;

import static io.rafttsdb.replica.BlockShard.ulid;
import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockSweeperTest {
  @TempDir Path root;
  private BlockShard shard;
  private BlockSweeper sweeper;

  @BeforeEach
  void open() throws Exception {
    shard = BlockShard.open(root);
    shard.block(0);
    shard.block(1);
    sweeper = new BlockSweeper(shard.store, root.resolve("incoming"), new LocalDisk());
  }

  @AfterEach
  void close() throws IOException {
    shard.close();
  }

  @Test
  void aStrayBlockGoesOnlyWhenTheLogHasBeenReplayed() throws Exception {
    shard.drop(ulid(0));
    long last = shard.applied().getIndex() + 2;
    sweeper.sweep(shard::tsdb); // nobody has said yet how far the log goes
    sweeper.replayTo(last);
    while (shard.applied().getIndex() < last) {
      sweeper.sweep(shard::tsdb);
      assertThat(shard.store.names()).containsExactly(ulid(0), ulid(1));
      shard.tick();
    }
    sweeper.sweep(shard::tsdb);
    assertThat(shard.store.names()).containsExactly(ulid(1));
    assertThat(root.resolve("blocks").resolve(ulid(0).toString())).doesNotExist();
    assertThat(sweeper.swept()).isEqualTo(1);
  }

  @Test
  void parentsGoWhenTheirChildIsHere() throws Exception {
    sweeper.replayTo(-1);
    Ulid merged = ulid(9);
    shard.orderCompaction(merged, List.of(ulid(0), ulid(1)));
    sweeper.sweep(shard::tsdb);
    var facts = shard.buildCompaction(merged);
    sweeper.sweep(shard::tsdb);
    assertThat(shard.store.names()).containsExactly(ulid(0), ulid(1), merged);

    shard.built(merged, facts);
    shard.store.quarantine(merged, "lost");
    sweeper.sweep(shard::tsdb);
    assertThat(shard.store.names()).containsExactly(ulid(0), ulid(1));
    assertThat(shard.samples()).hasSize(20);

    shard.rebuild(merged);
    sweeper.sweep(shard::tsdb);
    assertThat(shard.store.names()).containsExactly(merged);
    assertThat(shard.samples()).hasSize(20);
  }

  @Test
  void whatAnInstallNeedsStaysAndWhatNobodyPullsAnyMoreGoes() throws Exception {
    sweeper.replayTo(-1);
    shard.drop(ulid(0));
    for (int i : new int[] {1, 5, 6}) {
      Files.createDirectories(root.resolve("incoming").resolve(ulid(i) + "-ab.partial/chunks"));
    }
    Files.createDirectories(root.resolve("incoming/snapshot-1_5"));
    sweeper.keep(List.of(ulid(0), ulid(5)), Long.MAX_VALUE);
    sweeper.sweep(shard::tsdb);
    assertThat(shard.store.names()).containsExactly(ulid(0), ulid(1));
    try (var entries = Files.list(root.resolve("incoming"))) {
      assertThat(entries.map(each -> String.valueOf(each.getFileName())))
          .containsExactlyInAnyOrder(
              ulid(1) + "-ab.partial", ulid(5) + "-ab.partial", "snapshot-1_5");
    }
    sweeper.keep(List.of(), 0);
    sweeper.sweep(shard::tsdb);
    assertThat(shard.store.names()).containsExactly(ulid(1));
  }

  /** The leader of that pull is gone, and another one has the log. */
  @Test
  void whatAnInstallNeededGoesWhenTheLogHasTakenItsPlace() throws Exception {
    sweeper.replayTo(-1);
    shard.drop(ulid(0));
    sweeper.keep(List.of(ulid(0)), shard.applied().getIndex() + 1);
    sweeper.sweep(shard::tsdb);
    assertThat(shard.store.names()).containsExactly(ulid(0), ulid(1));
    shard.tick();
    sweeper.sweep(shard::tsdb);
    assertThat(shard.store.names()).containsExactly(ulid(1));
  }

  @Test
  void anEngineThatHasNoSettingsYetIsNoReasonToDeleteAnything() throws Exception {
    sweeper.replayTo(-1);
    sweeper.sweep(() -> new Tsdb(shard.store));
    assertThat(shard.store.names()).containsExactly(ulid(0), ulid(1));
  }
}

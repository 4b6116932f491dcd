package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.replica.backup.ShardBackup;
import io.rafttsdb.replica.duty.BytePace;
import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.model.Ulid;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was frozen is written later: when the other shards are, and at a bounded rate. */
class FrozenShardTest {

  @TempDir private Path root;

  @Test
  void aBlockThatIsRemovedMeanwhileIsInTheBackup() throws Exception {
    Path backup = Files.createDirectory(root.resolve("backup"));
    try (BlockShard shard = BlockShard.open(root.resolve("shard"))) {
      Ulid first = shard.block(0);
      Ulid second = shard.block(1);
      try (FrozenShard frozen =
          new FrozenShard(
              FrozenState.of(shard.tsdb(), shard.store, shard.applied(), List.of()),
              new BytePace(Long.MAX_VALUE))) {
        shard.drop(first);
        shard.store.remove(first);
        ShardBackup written = frozen.write(backup, Optional.empty());
        assertThat(written.blocks()).extracting(BackupBlock::ulid).containsExactly(first, second);
      }
      try (Block block = Block.open(backup.resolve(first.toString()))) {
        assertThat(block.meta().stats().samples()).isEqualTo(10);
      }
      assertThat(root.resolve("shard").resolve("blocks").resolve(first.toString())).doesNotExist();
    }
  }
}

package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.replica.disk.SnapshotManifest;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotPinsTest {
  @TempDir Path root;

  @Test
  void aPinLastsSoLongAsItIsAskedForAndTheOldestGivesWay() throws Exception {
    AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    try (BlockShard shard = BlockShard.open(root)) {
      SnapshotPins pins = new SnapshotPins(shard.snapshots, nanos::get);
      assertThat(pins.pinNewest()).isEmpty();
      SnapshotManifest first = shard.snapshot();
      assertThat(pins.pinNewest()).contains(first);
      for (int i = 0; i < 3; i++) {
        shard.tick();
        shard.snapshot();
      }
      shard.snapshots.deleteOld();
      assertThat(shard.snapshots.list()).hasSize(3).contains(first);

      nanos.addAndGet(SnapshotPins.DURATION.toNanos());
      pins.renew(first.name());
      nanos.addAndGet(SnapshotPins.DURATION.toNanos());
      pins.expire();
      shard.snapshots.deleteOld();
      assertThat(shard.snapshots.list()).contains(first);

      nanos.addAndGet(1);
      pins.expire();
      shard.snapshots.deleteOld();
      assertThat(shard.snapshots.list()).hasSize(2).doesNotContain(first);
      assertThat(pins.count()).isZero();

      for (int i = 0; i <= SnapshotPins.COUNT_MAX; i++) {
        shard.tick();
        shard.snapshot();
        pins.pinNewest();
        pins.pinNewest();
      }
      assertThat(pins.count()).isEqualTo(SnapshotPins.COUNT_MAX);
      shard.snapshots.deleteOld();
      assertThat(shard.snapshots.list()).hasSize(SnapshotPins.COUNT_MAX);
    }
  }
}

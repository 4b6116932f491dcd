package io.rafttsdb.replica;

import io.rafttsdb.storage.file.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A shard of a node that gets blocks and snapshots from others. For one thread. */
final class PulledShard implements AutoCloseable {
  final BlockShard shard;
  final FilePull files;
  final BlockPuller blocks;
  final SnapshotPull pull;
  final BlockSweeper sweeper;

  PulledShard(Path directory, SnapshotSource source, Disk disk) throws IOException {
    shard = BlockShard.open(directory, disk);
    Path incoming = directory.resolve("incoming");
    PullRate rate = new PullRate(1L << 40);
    files = new FilePull(rate);
    blocks = new BlockPuller(incoming, shard.store, source, files, rate, disk);
    sweeper = new BlockSweeper(shard.store, incoming, disk);
    pull =
        new SnapshotPull(
            source, shard.snapshots, shard.store, blocks, files, sweeper, incoming, disk);
  }

  PulledShard(Path directory, SnapshotSource source) throws IOException {
    this(directory, source, StoppingDisk.never());
  }

  /** Installs the leader's snapshot, as Ratis has it done. */
  void install(Member leader, List<Member> peers) throws IOException, InterruptedException {
    shard.replaceBy(pull.pull(leader, peers, 0, shard.tsdb()));
    pull.replaced();
  }

  @Override
  public void close() {
    shard.close();
  }
}

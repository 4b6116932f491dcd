package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.duty.ByteRate;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.part.PartStore;
import java.nio.file.Path;

/**
 * What deals with the files of a replica beside its log: snapshots, blocks, and what it gets from
 * and gives to other nodes.
 *
 * @param pulls every pull of a file goes through it
 * @param blocks pulls of single blocks
 * @param pull of a snapshot
 */
record ReplicaFiles(
    SnapshotWriter writer,
    ServedFiles served,
    BlockSweeper sweeper,
    FilePull pulls,
    BlockPuller blocks,
    SnapshotPull pull) {

  static ReplicaFiles of(ReplicaConfig config, ReplicaDirectory directory, SnapshotSource source) {
    SnapshotDirectory snapshots = directory.snapshots();
    PartStore store = directory.store();
    Disk disk = ReplicaDirectory.DISK;
    Path incoming = ReplicaDirectory.incoming(config.directory());
    long rate = config.limits().pullBytesPerSecond();
    FilePull pulls = new FilePull(new ByteRate(rate));
    BlockSweeper sweeper = new BlockSweeper(store, incoming, disk);
    BlockPuller blocks = new BlockPuller(incoming, store, source, pulls, new ByteRate(rate), disk);
    return new ReplicaFiles(
        new SnapshotWriter(snapshots, config.groupId(), disk),
        new ServedFiles(snapshots, store, System::nanoTime),
        sweeper,
        pulls,
        blocks,
        new SnapshotPull(
            source, snapshots, store, directory.chunks(), blocks, pulls, sweeper, incoming, disk));
  }
}

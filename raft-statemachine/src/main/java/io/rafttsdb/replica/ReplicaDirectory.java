package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.CommitMark;
import io.rafttsdb.replica.disk.DirectoryLock;
import io.rafttsdb.replica.disk.LogCheck;
import io.rafttsdb.replica.disk.LogRepair;
import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.StartRefused;
import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica's directory, locked, checked and repaired, ready for Ratis:
 *
 * <pre>
 *   lock
 *   commit-mark
 *   raft/&lt;cluster id&gt;/current/   Ratis's log, term and vote
 *   snapshots/&lt;term&gt;_&lt;index&gt;/
 *   blocks/&lt;ULID&gt;/                the blocks that are read
 *   incoming/                     what is being pulled from other nodes
 * </pre>
 *
 * @param store the blocks of this node: those of the loaded snapshot, and candidates that the log
 *     may name
 * @param state of the newest usable snapshot
 * @param mark as read, or a first one
 * @param repairs what the log lost
 */
record ReplicaDirectory(
    DirectoryLock lock,
    SnapshotDirectory snapshots,
    PartStore store,
    LoadedState state,
    CommitMark mark,
    List<LogRepair> repairs) {
  /** By which everything beside the log is changed. */
  static final Disk DISK = new LocalDisk();

  /** Blocks that wait to be unmapped; whoever closes one more unmaps it. */
  private static final int UNMAPPINGS_MAX = 1024;

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaDirectory.class);

  static ReplicaDirectory open(ReplicaConfig config) throws IOException, StartRefused {
    DirectoryLock lock = DirectoryLock.take(config.directory());
    try {
      return open(config, lock);
    } catch (IOException | StartRefused | RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  private static ReplicaDirectory open(ReplicaConfig config, DirectoryLock lock)
      throws IOException, StartRefused {
    Path directory = config.directory();
    SnapshotDirectory snapshots =
        SnapshotDirectory.open(directory.resolve("snapshots"), config.clusterId(), DISK);
    PartStore store = openStore(config);
    try {
      return open(config, lock, snapshots, store);
    } catch (IOException | StartRefused | RuntimeException | Error e) {
      store.close();
      throw e;
    }
  }

  /** Blocks that can't be opened are set aside and stop nothing. */
  private static PartStore openStore(ReplicaConfig config) throws IOException {
    Path blocks = blocks(config.directory());
    if (!Files.exists(blocks)) {
      DISK.createDirectory(blocks);
      DISK.forceDirectory(config.directory());
    }
    // Unmapping makes all threads stop for a moment: one at a time, on a thread that then ends.
    ThreadPoolExecutor unmapper =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(UNMAPPINGS_MAX),
            Thread.ofPlatform().name(config.self().name() + "-unmapper").daemon().factory());
    unmapper.allowCoreThreadTimeOut(true);
    return PartStore.open(
        new BlockDirectory(blocks, DISK),
        unmapper,
        refused ->
            LOG.error(
                "block {} can't be opened; now in {}",
                refused.ulid(),
                refused.movedTo().map(Path::toString).orElse("its place"),
                refused.reason()));
  }

  private static ReplicaDirectory open(
      ReplicaConfig config, DirectoryLock lock, SnapshotDirectory snapshots, PartStore store)
      throws IOException, StartRefused {
    Path directory = config.directory();
    LoadedState state = LoadedState.newest(snapshots, store);
    Optional<CommitMark> mark = CommitMark.read(directory);
    Path log = raft(directory).resolve(config.clusterId().toString()).resolve("current");
    List<LogRepair> repairs =
        LogCheck.run(
            log, mark.orElse(null), state.applied().getIndex(), RatisProperties.ENTRY_BYTES_MAX);
    repairs.forEach(repair -> LOG.warn("log repaired: {}", repair));
    if (mark.isEmpty()) {
      CommitMark.NONE.write(directory);
    }
    return new ReplicaDirectory(
        lock, snapshots, store, state, mark.orElse(CommitMark.NONE), repairs);
  }

  /** Closes the blocks and lets the directory go. */
  void close() throws IOException {
    try (lock) {
      store.close();
    }
  }

  /** Where the blocks are. */
  static Path blocks(Path directory) {
    return directory.resolve("blocks");
  }

  /** Where files from other nodes are pulled to; it survives a restart. */
  static Path incoming(Path directory) {
    return directory.resolve("incoming");
  }

  /** Where Ratis keeps its groups. */
  static Path raft(Path directory) {
    return directory.resolve("raft");
  }
}

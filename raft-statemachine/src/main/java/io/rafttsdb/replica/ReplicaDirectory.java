package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.CommitMark;
import io.rafttsdb.replica.disk.DirectoryLock;
import io.rafttsdb.replica.disk.LogCheck;
import io.rafttsdb.replica.disk.LogRepair;
import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.StartRefused;
import io.rafttsdb.storage.ChunksHead;
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
import java.util.concurrent.Executor;
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
 *   chunks_head/&lt;number&gt;/       full chunks of the Head, of each engine that is open
 *   incoming/                     what is being pulled from other nodes
 * </pre>
 *
 * @param store the blocks of this node: those of the loaded snapshot, and candidates that the log
 *     may name
 * @param chunks where engines have their full chunks
 * @param state of the newest usable snapshot
 * @param mark as read, or a first one
 * @param repairs what the log lost
 */
record ReplicaDirectory(
    DirectoryLock lock,
    SnapshotDirectory snapshots,
    PartStore store,
    ChunksHead chunks,
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
        SnapshotDirectory.open(directory.resolve("snapshots"), config.groupId(), DISK);
    Executor unmapper = unmapper(config);
    PartStore store = openStore(config, unmapper);
    ChunksHead chunks = new ChunksHead(directory.resolve("chunks_head"), unmapper);
    try {
      return open(config, lock, snapshots, store, chunks);
    } catch (IOException | StartRefused | RuntimeException | Error e) {
      store.close();
      throw e;
    }
  }

  /** Blocks that can't be opened are set aside and stop nothing. */
  private static PartStore openStore(ReplicaConfig config, Executor unmapper) throws IOException {
    Path blocks = blocks(config.directory());
    if (!Files.exists(blocks)) {
      DISK.createDirectory(blocks);
      DISK.forceDirectory(config.directory());
    }
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

  /** Unmapping makes all threads stop for a moment: one at a time, on a thread that then ends. */
  private static Executor unmapper(ReplicaConfig config) {
    ThreadPoolExecutor unmapper =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(UNMAPPINGS_MAX),
            Thread.ofPlatform().name(config.threadName() + "-unmapper").daemon().factory());
    unmapper.allowCoreThreadTimeOut(true);
    return unmapper;
  }

  private static ReplicaDirectory open(
      ReplicaConfig config,
      DirectoryLock lock,
      SnapshotDirectory snapshots,
      PartStore store,
      ChunksHead chunks)
      throws IOException, StartRefused {
    LoadedState state = LoadedState.newest(snapshots, store, chunks);
    try {
      return open(config, lock, snapshots, store, chunks, state);
    } catch (IOException | StartRefused | RuntimeException | Error e) {
      state.tsdb().close();
      throw e;
    }
  }

  private static ReplicaDirectory open(
      ReplicaConfig config,
      DirectoryLock lock,
      SnapshotDirectory snapshots,
      PartStore store,
      ChunksHead chunks,
      LoadedState state)
      throws IOException, StartRefused {
    Path directory = config.directory();
    Optional<CommitMark> mark = CommitMark.read(directory);
    Path log = raft(directory).resolve(config.groupId().toString()).resolve("current");
    List<LogRepair> repairs =
        LogCheck.run(
            log, mark.orElse(null), state.applied().getIndex(), RatisProperties.ENTRY_BYTES_MAX);
    repairs.forEach(repair -> LOG.warn("log repaired: {}", repair));
    if (mark.isEmpty()) {
      CommitMark.NONE.write(directory);
    }
    return new ReplicaDirectory(
        lock, snapshots, store, chunks, state, mark.orElse(CommitMark.NONE), repairs);
  }

  /** Closes the loaded engine and the blocks, and lets the directory go. */
  void close() throws IOException {
    try (lock;
        store) {
      state.tsdb().close();
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

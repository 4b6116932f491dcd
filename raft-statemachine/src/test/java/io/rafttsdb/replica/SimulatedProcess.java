package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.duty.BlockKeeper;
import io.rafttsdb.replica.duty.BlockScrubber;
import io.rafttsdb.replica.duty.ByteRate;
import io.rafttsdb.replica.duty.LeaderDuties;
import io.rafttsdb.replica.duty.UlidSource;
import io.rafttsdb.storage.ChunksHead;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.file.Disk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartBuilder;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;

/**
 * One life of a node of a {@link SimulatedShard}: all that a replica has but Ratis, HTTP and
 * threads, put together as {@link ShardReplica} does, begun with what the disk has.
 */
final class SimulatedProcess implements AutoCloseable {
  private static final long RATE = 1L << 50;
  private static final long CHUNK_FILE_BYTES = 4000;

  /** What the rest of the simulation is for a process. */
  interface Surroundings extends io.rafttsdb.replica.duty.Quorum {
    /** The other nodes, in some order. */
    List<Member> peers();

    SnapshotSource source();

    /** Before a write of a build: other threads of the shard may come in between. */
    void whileBuilding() throws InterruptedException;

    /** The mistake that it makes. */
    Mutant mutant();
  }

  final PartStore store;
  final SnapshotDirectory snapshots;
  final BlockKeeper keeper;
  final BlockScrubber scrubber;
  final LeaderDuties duties;
  final SnapshotTaker taker;
  final SnapshotPull pull;
  final BlockSweeper sweeper;
  final ServedFiles served;
  private final ChunksHead chunks;
  private final CommandApplier applier = new CommandApplier();

  /** Snapshots that are frozen and not yet written. */
  private final Queue<Runnable> behind = new ArrayDeque<>();

  private Tsdb tsdb;
  private @Nullable LoadedState installed;

  SimulatedProcess(
      ReplicaConfig config,
      SimulatedDisk realDisk,
      SimulatedShard shard,
      Surroundings surroundings,
      long lastLogIndex)
      throws IOException {
    Disk disk = surroundings.mutant().disk(realDisk);
    Path directory = realDisk.root();
    snapshots = SnapshotDirectory.open(directory.resolve("snapshots"), config.clusterId(), disk);
    Path blocks = directory.resolve("blocks");
    if (!Files.exists(blocks)) {
      disk.createDirectory(blocks);
      disk.forceDirectory(directory);
    }
    store = PartStore.open(new BlockDirectory(blocks, disk), Runnable::run, refused -> {});
    chunks =
        new ChunksHead(disk, directory.resolve("chunks_head"), CHUNK_FILE_BYTES, Runnable::run);
    LoadedState state;
    try {
      state = LoadedState.newest(snapshots, store, chunks);
    } catch (IOException | RuntimeException | Error e) {
      store.close();
      throw e;
    }
    tsdb = state.tsdb();
    Path incoming = directory.resolve("incoming");
    ByteRate rate = new ByteRate(RATE);
    FilePull files = new FilePull(rate);
    BlockPuller puller = new BlockPuller(incoming, store, surroundings.source(), files, rate, disk);
    sweeper = new BlockSweeper(store, incoming, disk);
    sweeper.replayTo(lastLogIndex);
    pull =
        new SnapshotPull(
            surroundings.source(),
            snapshots,
            store,
            chunks,
            puller,
            files,
            sweeper,
            incoming,
            disk);
    served = new ServedFiles(snapshots, store, shard::nanos);
    taker =
        new SnapshotTaker(
            config,
            snapshots,
            new SnapshotWriter(snapshots, config.clusterId(), disk),
            store,
            behind::add);
    Compactor compactor = new Compactor(disk, blocks, bytes -> surroundings.whileBuilding());
    keeper =
        new BlockKeeper(
            () -> tsdb,
            store,
            new PartBuilder(store, compactor, bytes -> {}),
            (ulid, facts) -> fetch(puller, surroundings, shard, ulid, facts),
            shard::nanos);
    Compactor none = new Compactor(disk, blocks, bytes -> {});
    scrubber =
        new BlockScrubber(() -> tsdb, store, new PartBuilder(store, none, bytes -> {}), keeper);
    duties =
        new LeaderDuties(
            () -> tsdb,
            store,
            keeper,
            surroundings,
            config.policy(),
            new UlidSource(shard.clock(), shard.names()));
  }

  private static boolean fetch(
      BlockPuller puller, Surroundings around, SimulatedShard shard, Ulid ulid, BlockFacts facts)
      throws IOException, InterruptedException {
    puller.pull(ulid, facts, around.peers());
    shard.count("block fetched");
    return true;
  }

  Tsdb tsdb() {
    return tsdb;
  }

  /** Applies an entry, as the state machine does. */
  AppliedEntry apply(long index, byte[] entry) {
    AppliedEntry result = applier.apply(tsdb, index, SimulatedHistory.decoded(entry));
    taker.applied(entry.length);
    return result;
  }

  /**
   * What the updater of Ratis does: a snapshot is frozen where one is due.
   *
   * @return up to which entry the log may go; negative where that has not grown
   */
  long takeSnapshot(TermIndex applied) {
    return taker.isDue(System.nanoTime(), applied.getIndex()) ? taker.take(tsdb, applied) : -1;
  }

  boolean isWritingSnapshot() {
    return !behind.isEmpty();
  }

  /** Writes the snapshot that was frozen last. */
  void writeSnapshot() {
    Runnable writing = behind.poll();
    if (writing != null) {
      writing.run();
    }
  }

  /** Pulls the leader's snapshot; the engine goes on until {@link #reinitialize}. */
  void install(Member leader, List<Member> peers, long firstIndex)
      throws IOException, InterruptedException {
    installed = pull.pull(leader, peers, firstIndex, tsdb);
  }

  boolean isInstalled() {
    return installed != null;
  }

  /** The pulled snapshot's engine takes the place of the present one; its last entry. */
  TermIndex reinitialize() throws IOException {
    LoadedState state = installed;
    installed = null;
    if (state == null) {
      throw new IllegalStateException("nothing was installed");
    }
    taker.setStart(state.applied().getIndex());
    Tsdb replaced = tsdb;
    tsdb = state.tsdb();
    replaced.close();
    pull.replaced();
    return state.applied();
  }

  /** The process is gone: what it had open is closed, and nothing is changed any more. */
  @Override
  public void close() {
    while (!behind.isEmpty()) {
      behind.remove().run(); // its disk takes nothing any more; what it holds is let go of
    }
    closeEngine(tsdb);
    if (installed != null) {
      closeEngine(installed.tsdb());
    }
    store.close();
  }

  private static void closeEngine(Tsdb engine) {
    try {
      engine.close();
    } catch (IOException e) {
      // The disk takes nothing any more; the memory is let go of.
    }
  }
}

package io.rafttsdb.replica;

import io.rafttsdb.replica.duty.BlockKeeper;
import io.rafttsdb.replica.duty.BlockScrubber;
import io.rafttsdb.replica.duty.BytePace;
import io.rafttsdb.replica.duty.LeaderDuties;
import io.rafttsdb.replica.duty.UlidSource;
import io.rafttsdb.replica.duty.VersionDuty;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.compact.Compactor;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartBuilder;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * The work on blocks, each kind on a thread of its own: this node's blocks, their scrubbing, and
 * what the leader decides.
 */
final class ReplicaBlocks implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** Between two questions whether all members know the next cluster version. */
  private static final Duration VERSION_PAUSE = Duration.ofSeconds(5);

  /** Between two rounds of reading all blocks. */
  private static final Duration SCRUB_PAUSE = Duration.ofDays(1);

  /** Scrubbing reads at this part of the rate of other background work. */
  private static final int SCRUB_PART = 8;

  private final Supplier<Tsdb> engine;
  private final PartStore store;
  private final BlockKeeper keeper;
  private final BlockScrubber scrubber;
  private final LeaderDuties leader;
  private final BlockImports imports;
  private final List<DutyThread> threads;

  ReplicaBlocks(
      ReplicaConfig config,
      Supplier<Tsdb> engine,
      PartStore store,
      BlockPuller puller,
      BlockSweeper sweeper,
      RaftGate gate,
      RatisQuorum quorum,
      UlidSource names,
      FatalOnce fatal) {
    this.engine = engine;
    this.store = store;
    Path directory = ReplicaDirectory.blocks(config.directory());
    BytePace pace = new BytePace(config.policy().bytesPerSecond());
    Compactor compactor = new Compactor(ReplicaDirectory.DISK, directory, pace);
    PartBuilder builder = new PartBuilder(store, compactor, pace::beforeRead);
    this.imports = new BlockImports(config, engine, store, builder, puller, sweeper);
    this.keeper =
        new BlockKeeper(
            engine,
            store,
            builder,
            (ulid, facts) -> pull(puller, gate.otherMembers(config.self()), ulid, facts),
            System::nanoTime);
    BytePace scrubPace = new BytePace(Math.max(1, config.policy().bytesPerSecond() / SCRUB_PART));
    this.scrubber =
        new BlockScrubber(
            engine, store, new PartBuilder(store, compactor, scrubPace::beforeRead), keeper);
    this.leader = new LeaderDuties(engine, store, keeper, quorum, config.policy(), names);
    String name = config.threadName();
    DutyThread keeping = new DutyThread(name + "-blocks", PAUSE, keeper::step, fatal);
    store.listenTo((block, problem) -> {
      if (keeper.setAsideUnreadable(block, problem)) {
        keeping.wake();
      }
    });
    this.threads =
        List.of(
            keeping,
            new DutyThread(name + "-scrub", SCRUB_PAUSE, scrubber::step, fatal),
            new DutyThread(name + "-leader", PAUSE, this::leaderRound, fatal),
            new DutyThread(
                name + "-version", VERSION_PAUSE, new VersionDuty(engine, quorum)::step, fatal));
  }

  private static boolean pull(BlockPuller puller, List<Member> peers, Ulid ulid, BlockFacts facts)
      throws IOException, InterruptedException {
    if (peers.isEmpty()) {
      return false;
    }
    puller.pull(ulid, facts, peers);
    return true;
  }

  private boolean leaderRound() throws InterruptedException {
    leader.round();
    return false;
  }

  void start() {
    threads.forEach(DutyThread::start);
  }

  BlockKeeper keeper() {
    return keeper;
  }

  BlockImports imports() {
    return imports;
  }

  BlockScrubber scrubber() {
    return scrubber;
  }

  LeaderDuties leader() {
    return leader;
  }

  /** Blocks of the manifest that are open here. */
  long presentBlocks() {
    return engine.get().manifest().parts().stream().filter(part -> store.has(part.ulid())).count();
  }

  /** Blocks of the manifest. */
  long certifiedBlocks() {
    return engine.get().manifest().parts().stream().filter(part -> part.isBuilt()).count();
  }

  /** Size of the blocks of the manifest. */
  long certifiedBytes() {
    return engine.get().manifest().parts().stream()
        .map(part -> part.facts())
        .mapToLong(facts -> facts == null ? 0 : facts.sizeBytes())
        .sum();
  }

  /** Parts and compactions that wait for a majority to build them. */
  long pendingBlocks() {
    var manifest = engine.get().manifest();
    return manifest.parts().stream().filter(part -> !part.isBuilt()).count()
        + manifest.compactions().size();
  }

  /** Deletes that some block bears. */
  long borneDeletes() {
    return engine.get().manifest().deletes().size();
  }

  @Override
  public void close() {
    threads.forEach(DutyThread::close);
  }
}

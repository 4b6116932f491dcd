package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.StartRefused;
import io.rafttsdb.replica.duty.BytePace;
import io.rafttsdb.replica.duty.UlidSource;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;

/**
 * A shard's replica before Ratis runs it: the directory is locked, checked and loaded.
 *
 * @param peers gives the other members, once the group runs
 * @param wake is called when something was applied that a duty waits for
 */
record PreparedShard(
    ShardSetup setup,
    UlidSource names,
    ReplicaDirectory directory,
    FatalOnce fatal,
    ReplicaFiles files,
    SnapshotTaker taker,
    SnapshotInstaller installer,
    CommandApplier applier,
    StateHashes hashes,
    Freezes freezes,
    TsdbStateMachine machine,
    AtomicReference<Supplier<List<Member>>> peers,
    AtomicReference<Runnable> wake) {

  /**
   * Takes a shard's directory.
   *
   * @throws StartRefused where a person has to decide; nothing was changed
   */
  static PreparedShard open(ShardSetup setup, UlidSource names, FatalHandler fatalHandler)
      throws IOException, StartRefused {
    ReplicaDirectory directory = ReplicaDirectory.open(setup.config());
    try {
      return of(setup, names, directory, new FatalOnce(fatalHandler));
    } catch (RuntimeException | Error e) {
      directory.close();
      throw e;
    }
  }

  private static PreparedShard of(
      ShardSetup setup, UlidSource names, ReplicaDirectory directory, FatalOnce fatal) {
    ReplicaConfig config = setup.config();
    ReplicaFiles files = ReplicaFiles.of(config, directory, setup.source());
    SnapshotTaker taker =
        new SnapshotTaker(config, directory.snapshots(), files.writer(), directory.store(), fatal);
    AtomicReference<Supplier<List<Member>>> peers = new AtomicReference<>(List::of);
    SnapshotInstaller installer =
        new SnapshotInstaller(config, files.pull(), () -> peers.get().get(), fatal);
    CommandApplier applier = new CommandApplier();
    AtomicReference<Runnable> wake = new AtomicReference<>(() -> {});
    StateHashes hashes = new StateHashes();
    Freezes freezes =
        new Freezes(hashes, directory.store(), new BytePace(config.policy().bytesPerSecond()));
    TsdbStateMachine machine =
        new TsdbStateMachine(
            directory.state(),
            applier,
            taker,
            installer,
            new RatisSnapshots(directory.snapshots()),
            freezes,
            fatal,
            () -> wake.get().run());
    return new PreparedShard(
        setup, names, directory, fatal, files, taker, installer, applier, hashes, freezes, machine,
        peers, wake);
  }

  ReplicaConfig config() {
    return setup.config();
  }

  RaftGroupId groupId() {
    return RaftGroupId.valueOf(config().groupId());
  }

  /** The group as it was started; what the log says of it wins. */
  RaftGroup group() {
    return RaftGroup.valueOf(groupId(), config().firstPeers());
  }
}

package io.rafttsdb.replica;

import io.rafttsdb.replica.disk.CommitMark;
import io.rafttsdb.replica.disk.DirectoryLock;
import io.rafttsdb.replica.disk.LogCheck;
import io.rafttsdb.replica.disk.LogRepair;
import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.StartRefused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
 * </pre>
 *
 * @param state of the newest usable snapshot
 * @param mark as read, or a first one
 * @param repairs what the log lost
 */
record ReplicaDirectory(
    DirectoryLock lock,
    SnapshotDirectory snapshots,
    LoadedState state,
    CommitMark mark,
    List<LogRepair> repairs) {
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
        SnapshotDirectory.open(directory.resolve("snapshots"), config.clusterId());
    LoadedState state = LoadedState.newest(snapshots);
    Optional<CommitMark> mark = CommitMark.read(directory);
    Path log = raft(directory).resolve(config.clusterId().toString()).resolve("current");
    List<LogRepair> repairs =
        LogCheck.run(
            log, mark.orElse(null), state.applied().getIndex(), RatisProperties.ENTRY_BYTES_MAX);
    repairs.forEach(repair -> LOG.warn("log repaired: {}", repair));
    if (mark.isEmpty()) {
      CommitMark.NONE.write(directory);
    }
    return new ReplicaDirectory(lock, snapshots, state, mark.orElse(CommitMark.NONE), repairs);
  }

  /** Where Ratis keeps its groups. */
  static Path raft(Path directory) {
    return directory.resolve("raft");
  }
}

package io.rafttsdb.node.cluster;

import io.rafttsdb.replica.DamagedTail;
import io.rafttsdb.replica.disk.DirectoryLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** Cuts the damaged log of a node that does not run. */
public final class LogSurgery {

  private LogSurgery() {}

  /**
   * Finds the damage of a data directory's log, and cuts it away where that is accepted.
   *
   * @return empty where the log is sound
   */
  public static Optional<DamagedTail> run(Path directory, boolean acceptLoss)
      throws IOException, StartRefused, io.rafttsdb.replica.disk.StartRefused {
    UUID clusterId = Recovery.clusterOf(directory);
    try (DirectoryLock _ = DirectoryLock.take(directory)) {
      return DamagedTail.repair(DataDirectory.shard(directory, 0), clusterId, acceptLoss);
    }
  }
}

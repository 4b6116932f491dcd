package io.rafttsdb.node.cluster;

import io.rafttsdb.replica.DamagedTail;
import io.rafttsdb.replica.ShardGroups;
import io.rafttsdb.replica.disk.DirectoryLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Cuts the damaged logs of a node that does not run. */
public final class LogSurgery {

  private LogSurgery() {}

  /**
   * Finds the damage of the logs in a data directory, of each shard's, and cuts it away where that
   * is accepted.
   *
   * @return none where all logs are sound
   */
  public static List<DamagedTail> run(Path directory, boolean acceptLoss)
      throws IOException, StartRefused, io.rafttsdb.replica.disk.StartRefused {
    UUID clusterId = Recovery.clusterOf(directory);
    int shards = Recovery.shardsOf(directory);
    List<DamagedTail> damage = new ArrayList<>();
    try (DirectoryLock _ = DirectoryLock.take(directory)) {
      for (int shard = 0; shard < shards; shard++) {
        DamagedTail.repair(
                DataDirectory.shard(directory, shard),
                ShardGroups.groupId(clusterId, shard),
                acceptLoss)
            .ifPresent(damage::add);
      }
    }
    return damage;
  }
}

package io.rafttsdb.node.cluster;

import io.rafttsdb.replica.DamagedTail;
import io.rafttsdb.replica.ShardGroups;
import io.rafttsdb.replica.disk.DirectoryLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Cuts the damaged logs of a node that does not run. */
public final class LogSurgery {

  private LogSurgery() {}

  /**
   * Finds the damage of the logs of a data directory, and cuts it away where that is accepted.
   *
   * @return of each shard, in order; empty where its log is sound
   */
  public static List<Optional<DamagedTail>> run(Path directory, boolean acceptLoss)
      throws IOException, StartRefused, io.rafttsdb.replica.disk.StartRefused {
    OldMember member = OldMember.of(directory);
    List<Optional<DamagedTail>> logs = new ArrayList<>();
    try (DirectoryLock _ = DirectoryLock.take(directory)) {
      for (int shard = 0; shard < member.shards(); shard++) {
        logs.add(
            DamagedTail.repair(
                DataDirectory.shard(directory, shard),
                ShardGroups.groupId(member.clusterId(), shard),
                acceptLoss));
      }
    }
    return logs;
  }
}

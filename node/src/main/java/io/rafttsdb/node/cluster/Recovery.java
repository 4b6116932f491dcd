package io.rafttsdb.node.cluster;

import io.rafttsdb.node.config.NodeConfig;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaRecovery;
import io.rafttsdb.replica.ShardGroups;
import io.rafttsdb.replica.disk.DirectoryLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Makes a new cluster of one node from the data directory of a member of a lost one. The new
 * directory becomes a member's in the last step: cut off before, it is no data directory.
 */
public final class Recovery {

  private Recovery() {}

  /**
   * What became of it.
   *
   * @param clusterId of the new cluster
   * @param reports one for each shard
   */
  public record Recovered(UUID oldClusterId, UUID clusterId, List<ReplicaRecovery.Report> reports) {
    public Recovered {
      reports = List.copyOf(reports);
    }
  }

  /**
   * Recovers into the directory that a configuration names.
   *
   * @param from a data directory that no process runs on; only its lock files are touched
   * @param acceptLoss whether to go on without what should be there and is not
   * @param progress told a line now and then
   */
  public static Recovered run(
      Path from,
      NodeConfig config,
      boolean acceptLoss,
      RandomGenerator random,
      Consumer<String> progress)
      throws IOException, StartRefused, io.rafttsdb.replica.disk.StartRefused {
    UUID oldClusterId = clusterOf(from);
    int shards = shardsOf(from);
    try (DirectoryLock _ = DirectoryLock.take(from);
        DataDirectory directory = DataDirectory.open(config.storagePath(), config.name())) {
      if (!(directory.load() instanceof Identity.Empty)) {
        throw new StartRefused(
            "data directory "
                + config.storagePath().toAbsolutePath()
                + " belongs to a node already; give an empty one (--storage.tsdb.path)");
      }
      UUID clusterId = RandomIds.cluster(random);
      ClusterMember self = new ClusterMember(config.self(), RandomIds.incarnation(random));
      Shards recovery = new Shards(from, oldClusterId, directory.path(), clusterId, self);
      List<ReplicaRecovery.Report> reports = recovery.run(shards, acceptLoss, progress);
      long blockRangeMs = reports.getFirst().settings().blockRangeMs();
      directory.save(
          new Identity.Joined(
              clusterId, self.name(), new ClusterShape(blockRangeMs, shards), List.of(self)));
      return new Recovered(oldClusterId, clusterId, reports);
    }
  }

  /** Of one data directory into another. */
  private record Shards(Path from, UUID oldCluster, Path to, UUID newCluster, ClusterMember self) {

    /** All or none. */
    List<ReplicaRecovery.Report> run(int shards, boolean acceptLoss, Consumer<String> progress)
        throws IOException, io.rafttsdb.replica.disk.StartRefused {
      List<ReplicaRecovery.Report> reports = new ArrayList<>();
      try {
        for (int shard = 0; shard < shards; shard++) {
          reports.add(recover(shard, acceptLoss, progress));
        }
        return reports;
      } finally {
        for (int shard = 0; reports.size() < shards && shard < reports.size(); shard++) {
          ReplicaRecovery.discard(DataDirectory.shard(to, shard));
        }
      }
    }

    private ReplicaRecovery.Report recover(int shard, boolean acceptLoss, Consumer<String> progress)
        throws IOException, io.rafttsdb.replica.disk.StartRefused {
      return ReplicaRecovery.run(
          DataDirectory.shard(from, shard),
          ShardGroups.groupId(oldCluster, shard),
          DataDirectory.shard(to, shard),
          ShardGroups.groupId(newCluster, shard),
          new Member(
              self.name(),
              self.incarnation(),
              self.address().raft().toString(),
              self.address().http().toString()),
          acceptLoss,
          progress);
    }
  }

  /** How many shards a member has whose directory this is. */
  static int shardsOf(Path directory) throws IOException, StartRefused {
    int present = DataDirectory.shardsIn(directory);
    int wanted =
        DataDirectory.identityOf(directory).orElse(null) instanceof Identity.Joined joined
            ? joined.shape().shards()
            : Math.max(1, present);
    if (present < wanted) {
      throw new StartRefused(
          DataDirectory.shard(directory, present).toAbsolutePath()
              + " is not there: the node never ran");
    }
    return wanted;
  }

  /** The cluster that a directory belongs or belonged to; nothing is changed there. */
  static UUID clusterOf(Path directory) throws IOException, StartRefused {
    Optional<Identity> identity = DataDirectory.identityOf(directory);
    return switch (identity.orElse(null)) {
      case Identity.Joined joined -> joined.clusterId();
      case Identity.Removed removed -> removed.clusterId();
      case null, default ->
          throw new StartRefused(
              directory.toAbsolutePath()
                  + " is not the data directory of a member of a cluster: it has no file identity"
                  + " that says so");
    };
  }
}

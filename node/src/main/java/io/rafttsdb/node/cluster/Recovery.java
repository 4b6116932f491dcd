package io.rafttsdb.node.cluster;

import io.rafttsdb.node.config.NodeConfig;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaRecovery;
import io.rafttsdb.replica.disk.DirectoryLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
   */
  public record Recovered(UUID oldClusterId, UUID clusterId, ReplicaRecovery.Report report) {}

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
    Path shard = DataDirectory.shard(from, 0);
    if (!Files.isDirectory(shard)) {
      throw new StartRefused(shard.toAbsolutePath() + " is not there: the node never ran");
    }
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
      ReplicaRecovery.Report report =
          ReplicaRecovery.run(
              shard,
              oldClusterId,
              DataDirectory.shard(directory.path(), 0),
              clusterId,
              new Member(
                  self.name(),
                  self.incarnation(),
                  self.address().raft().toString(),
                  self.address().http().toString()),
              acceptLoss,
              progress);
      directory.save(
          new Identity.Joined(
              clusterId,
              self.name(),
              new ClusterShape(report.settings().blockRangeMs(), 1),
              List.of(self)));
      return new Recovered(oldClusterId, clusterId, report);
    }
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

package io.rafttsdb.node.cluster;

import io.rafttsdb.node.config.NodeConfig;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaRecovery;
import io.rafttsdb.replica.disk.DirectoryLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

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
   * @param shards what became of each, in order
   */
  public record Recovered(UUID oldClusterId, UUID clusterId, List<ReplicaRecovery.Report> shards) {
    public Recovered {
      shards = List.copyOf(shards);
    }
  }

  /**
   * Recovers into the directory that a configuration names: as many shards as the lost cluster had.
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
    OldMember old = OldMember.of(from);
    for (int shard = 0; shard < old.shards(); shard++) {
      Path directory = DataDirectory.shard(from, shard);
      if (!Files.isDirectory(directory)) {
        throw new StartRefused(directory.toAbsolutePath() + " is not there: the node never ran");
      }
    }
    Integer asked = config.shards();
    if (asked != null && asked != old.shards()) {
      throw new StartRefused(
          "shards is "
              + asked
              + " in the configuration, the lost cluster had "
              + old.shards()
              + ": a recovered cluster has as many");
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
      List<ReplicaRecovery.Report> reports =
          ReplicaRecovery.run(
              old.clusterId(),
              clusterId,
              IntStream.range(0, old.shards())
                  .mapToObj(shard -> DataDirectory.shard(from, shard))
                  .toList(),
              IntStream.range(0, old.shards())
                  .mapToObj(shard -> DataDirectory.shard(directory.path(), shard))
                  .toList(),
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
              new ClusterShape(reports.getFirst().settings().blockRangeMs(), old.shards()),
              List.of(self)));
      return new Recovered(old.clusterId(), clusterId, reports);
    }
  }
}

package io.rafttsdb.node.backup;

import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.replica.backup.ShardBackup;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a backup is: the content of its {@code raft-tsdb.json}.
 *
 * @param name of its directory
 * @param clusterId of the cluster that it was made of
 * @param node that made it
 * @param shards by their numbers, from 0
 */
public record BackupDescription(
    String name, String clusterId, String node, List<ShardBackup> shards) {

  public BackupDescription {
    shards = List.copyOf(shards);
  }

  /** Every sample of the blocks is before; {@link Long#MIN_VALUE} without any. */
  public long upToMs() {
    return shards.stream().mapToLong(ShardBackup::upToMs).max().orElse(Long.MIN_VALUE);
  }

  /** Newest sample, before that. */
  public long newestMs() {
    return shards.stream().mapToLong(ShardBackup::newestMs).max().orElse(Long.MIN_VALUE);
  }

  /** The blocks of all shards, oldest first. */
  public List<BackupBlock> blocks() {
    Stream<BackupBlock> all = shards.stream().flatMap(shard -> shard.blocks().stream());
    return all.sorted(Comparator.comparingLong(BackupBlock::minMs).thenComparing(BackupBlock::ulid))
        .toList();
  }
}

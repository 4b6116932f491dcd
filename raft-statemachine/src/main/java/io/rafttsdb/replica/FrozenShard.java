package io.rafttsdb.replica;

import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.replica.backup.ShardBackup;
import io.rafttsdb.replica.duty.BytePace;
import io.rafttsdb.storage.FrozenTsdb;
import io.rafttsdb.storage.block.Block;
import io.rafttsdb.storage.block.BlockMeta;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.BlockFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The state of a shard after one entry, held fast on this node until it is closed. For one thread.
 */
public final class FrozenShard implements AutoCloseable {
  private final FrozenState state;
  private final BytePace pace;

  /**
   * A state.
   *
   * @param pace of reading and writing
   */
  FrozenShard(FrozenState state, BytePace pace) {
    this.state = state;
    this.pace = pace;
  }

  /** Of the entry. */
  public long index() {
    return state.applied().getIndex();
  }

  /**
   * Writes it as blocks that a Prometheus server opens, and forces them.
   *
   * @param directory there, on the file system of the blocks; may have blocks of other shards
   * @param headName name of the block that the Head becomes; empty: the Head is left out
   * @throws MissingBlock where a block is not on this node
   */
  public ShardBackup write(Path directory, Optional<Ulid> headName)
      throws IOException, InterruptedException {
    FrozenTsdb tsdb = state.tsdb();
    List<BackupBlock> blocks = new ArrayList<>();
    Set<Ulid> writtenAnew = tsdb.partsInMemory();
    for (Ulid ulid :
        tsdb.writeBlocks(ReplicaDirectory.DISK, directory, state.blocks(), headName, pace)) {
      blocks.add(describe(directory.resolve(ulid.toString()), ulid, writtenAnew.contains(ulid)));
    }
    blocks.sort(Comparator.comparingLong(BackupBlock::minMs).thenComparing(BackupBlock::ulid));
    long sealedUpToMs = tsdb.sealedUpToMs();
    long headMaxMs = tsdb.stats().maxMs();
    boolean hasHead = headName.isPresent() && headMaxMs >= sealedUpToMs;
    long upToMs = hasHead && headMaxMs != Long.MIN_VALUE ? headMaxMs + 1 : sealedUpToMs;
    return new ShardBackup(
        state.applied().getTerm(),
        index(),
        tsdb.settings(),
        upToMs,
        upToMs == Long.MIN_VALUE ? upToMs : upToMs - 1,
        blocks);
  }

  /** A linked block is what the majority found; others are read, and checked by it. */
  private BackupBlock describe(Path directory, Ulid ulid, boolean isNew) throws IOException {
    Optional<BlockFacts> certified =
        isNew ? Optional.empty() : state.tsdb().manifest().part(ulid).map(ManifestPart::facts);
    BlockFacts facts =
        certified.isPresent() ? certified.get() : BlockFiles.verify(directory, pace::beforeRead);
    try (Block block = Block.open(directory)) {
      BlockMeta meta = block.meta();
      return new BackupBlock(ulid, meta.minMs(), meta.endMs(), facts);
    }
  }

  @Override
  public void close() throws IOException {
    state.close();
  }
}

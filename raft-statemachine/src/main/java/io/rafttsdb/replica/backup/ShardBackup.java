package io.rafttsdb.replica.backup;

import io.rafttsdb.storage.model.Settings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a backup has of one shard: its state after one entry.
 *
 * @param term of the entry
 * @param index of the entry
 * @param settings null before the first
 * @param upToMs every sample of the blocks is before; {@link Long#MIN_VALUE} without any
 * @param newestMs newest sample, before that; {@link Long#MIN_VALUE} without any
 * @param blocks oldest first
 */
public record ShardBackup(
    long term,
    long index,
    @Nullable Settings settings,
    long upToMs,
    long newestMs,
    List<BackupBlock> blocks) {

  public ShardBackup {
    blocks = List.copyOf(blocks);
    if (newestMs > upToMs || (newestMs == upToMs && upToMs != Long.MIN_VALUE)) {
      throw new IllegalArgumentException(
          "newest sample at " + newestMs + ", expected one before " + upToMs);
    }
  }
}

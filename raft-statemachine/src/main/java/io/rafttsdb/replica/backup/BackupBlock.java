package io.rafttsdb.replica.backup;

import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.model.Ulid;

/**
 * A block of a backup, or one that is to be imported.
 *
 * @param minMs start of its range
 * @param endMs end of its range, exclusive
 */
public record BackupBlock(Ulid ulid, long minMs, long endMs, BlockFacts facts) {}

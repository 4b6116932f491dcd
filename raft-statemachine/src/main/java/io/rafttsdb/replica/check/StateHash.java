package io.rafttsdb.replica.check;

import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.Ulid;

/**
 * A node's state after one Freeze entry.
 *
 * @param index of the entry
 * @param name that the entry bears
 * @param hash of everything that applying reads
 */
public record StateHash(long index, Ulid name, Digest hash) {}

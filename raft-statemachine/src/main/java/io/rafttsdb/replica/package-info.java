/**
 * One replica of one shard: the Ratis server in this process, the state machine that applies its
 * log to the storage engine, and the door to both, {@link io.rafttsdb.replica.ShardReplica}.
 */
@NullMarked
package io.rafttsdb.replica;

import org.jspecify.annotations.NullMarked;

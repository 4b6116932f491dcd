package io.rafttsdb.replica;

/**
 * One shard as a {@link RaftNode} is given it.
 *
 * @param config of the shard's replica; the member and the address are the same for all shards
 * @param source where snapshots and blocks of the shard come from that lack here
 * @param reports where this node as the shard's leader learns what the others have built
 */
public record ShardSetup(ReplicaConfig config, SnapshotSource source, PeerReports reports) {}

package io.rafttsdb.storage.model;

/**
 * Size of the Head after one log entry. Counted, not measured: a function of the entries alone, so
 * every replica has the same.
 *
 * @param seriesCount series
 * @param chunkCount chunks, the open ones included
 * @param sampleCount samples
 * @param bytes memory for label sets, chunks, index and series, by fixed costs per object
 * @param minMs oldest timestamp; {@link Long#MAX_VALUE} without samples
 * @param maxMs newest timestamp; {@link Long#MIN_VALUE} without samples
 * @param minValidMs the next batch's samples before this one are refused
 */
public record HeadStats(
    long seriesCount,
    long chunkCount,
    long sampleCount,
    long bytes,
    long minMs,
    long maxMs,
    long minValidMs) {}

package io.rafttsdb.storage.spill;

import io.rafttsdb.storage.chunk.Chunk;

/**
 * A chunk as it lies in a file.
 *
 * @param place where it lies ({@link SpillPlace})
 * @param seriesRef series that it was appended for; who followed a place compares it, so that
 *     nobody takes the chunk of another series for the one that it meant
 */
public record SpilledChunk(long place, long seriesRef, Chunk chunk) {}

package io.rafttsdb.storage.block;

import io.rafttsdb.storage.model.Labels;
import java.util.List;

/**
 * One series of one part of the storage (a block, a sealed Head part), chunk by chunk.
 *
 * @param chunks in order of time; those of one part never overlap
 * @param deleted what of them is not to be seen any more
 */
public record ChunkSeries(Labels labels, List<? extends ChunkPointer> chunks, Intervals deleted) {}

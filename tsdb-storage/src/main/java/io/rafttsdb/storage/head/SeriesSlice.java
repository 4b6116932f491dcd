package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.model.Labels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a captured state has of one ref, in the Head and in sealed parts.
 *
 * @param inOrder chunks of samples in order, or null
 * @param deleted what of them is not to be seen
 * @param outOfOrder the others; of equal timestamps the first counts, after those in order
 */
record SeriesSlice(
    Labels labels, @Nullable ChunkPart inOrder, Intervals deleted, List<LateSamples> outOfOrder) {}

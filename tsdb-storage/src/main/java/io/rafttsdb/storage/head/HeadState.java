package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.Settings;
import org.jspecify.annotations.Nullable;

/**
 * The Head after a log entry, as the apply thread publishes it.
 *
 * @param index that entry, or {@link Head#NOTHING_PUBLISHED}
 * @param settings null before the first Configure
 * @param nextRef series from this ref on came later
 * @param ringPosition notes of the {@link UndoRing} from this one on came later
 */
record HeadState(
    long index, @Nullable Settings settings, long nextRef, long ringPosition, HeadStats stats) {}

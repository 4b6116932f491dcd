package io.rafttsdb.storage.head;

import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Head after a log entry, as the apply thread publishes it.
 *
 * @param index that entry, or {@link Head#NOTHING_PUBLISHED}
 * @param settings null before the first Configure
 * @param nextRef series from this ref on came later
 * @param ringPosition notes of the {@link UndoRing} from this one on came later
 * @param sealedUpToMs chunks before this time are in sealed parts or blocks
 * @param floorMs whoever reads chunks before this time may miss some: where a later state has a
 *     higher one, what was read of this state may lack something
 * @param manifest what lies below the Head
 * @param waiting sealed parts without a block in the manifest, oldest first
 * @param parts sealed parts in this node's memory, oldest first
 */
record HeadState(
    long index,
    @Nullable Settings settings,
    long nextRef,
    long ringPosition,
    HeadStats stats,
    long sealedUpToMs,
    long floorMs,
    Manifest manifest,
    List<SealedRange> waiting,
    List<SealedPart> parts) {

  /** Whether a chunk that begins at this time belongs to the Head or to one of the parts. */
  boolean holds(long chunkMinMs) {
    if (chunkMinMs >= sealedUpToMs) {
      return true;
    }
    for (SealedPart part : parts) {
      if (part.range().holds(chunkMinMs)) {
        return true;
      }
    }
    return false;
  }
}

package io.rafttsdb.storage.head;

import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.model.HeadStats;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Head after a log entry, as the apply thread publishes it.
 *
 * @param index that entry, or {@link Head#NOTHING_PUBLISHED}
 * @param settings null before the first Configure
 * @param clusterVersion what all members know
 * @param nextRef series from this ref on came later
 * @param ringPosition notes of the {@link UndoRing} from this one on came later
 * @param sealedUpToMs chunks before this time are in sealed parts or blocks
 * @param floorMs chunks before this time are in no part in memory
 * @param letGo parts that were forgotten so far: where a later state has more, what was read of
 *     this state may lack something
 * @param manifest what lies below the Head
 * @param waiting sealed parts without a block in the manifest, in the order of their sealing
 * @param parts sealed parts of samples in order in this node's memory, oldest first
 * @param outOfOrderParts those of the others, in the order of their sealing
 * @param outOfOrderRanges starts of the block ranges of which the Head has samples out of order
 * @param deletes what was deleted of the samples in order
 */
record HeadState(
    long index,
    @Nullable Settings settings,
    int clusterVersion,
    long nextRef,
    long ringPosition,
    HeadStats stats,
    long sealedUpToMs,
    long floorMs,
    long letGo,
    Manifest manifest,
    List<SealedRange> waiting,
    List<InOrderPart> parts,
    List<OutOfOrderPart> outOfOrderParts,
    List<Long> outOfOrderRanges,
    HeadDeletes deletes) {

  /** Length of block ranges, of a state with samples. */
  long rangeMs() {
    return settings == null ? Settings.BLOCK_RANGE_DEFAULT_MS : settings.blockRangeMs();
  }

  /**
   * What a series has out of order that reaches into [minMs, maxMs], sealed first.
   *
   * @param unsealed what the Head has of it, or null
   */
  List<LateSamples> outOfOrderOf(long ref, @Nullable OutOfOrder unsealed, long minMs, long maxMs) {
    if (unsealed == null && outOfOrderParts.isEmpty()) {
      return List.of();
    }
    List<LateSamples> found = new ArrayList<>();
    for (OutOfOrderPart part : outOfOrderParts) {
      OutOfOrder sealed = part.samplesOf(ref);
      if (sealed != null) {
        OutOfOrder samples = sealed.without(part.deletedLater(ref));
        if (samples.reaches(minMs, maxMs, rangeMs())) {
          found.add(new LateSamples(part.range().ulid(), samples));
        }
      }
    }
    if (unsealed != null && unsealed.reaches(minMs, maxMs, rangeMs())) {
      found.add(new LateSamples(null, unsealed));
    }
    return found;
  }

  /** All parts in memory. */
  List<SealedPart> allParts() {
    List<SealedPart> all = new ArrayList<>(parts);
    all.addAll(outOfOrderParts);
    return all;
  }

  /** Whether a chunk that begins at this time belongs to the Head or to one of the parts. */
  boolean holds(long chunkMinMs) {
    if (chunkMinMs >= sealedUpToMs) {
      return true;
    }
    for (InOrderPart part : parts) {
      if (part.range().holds(chunkMinMs)) {
        return true;
      }
    }
    return false;
  }
}

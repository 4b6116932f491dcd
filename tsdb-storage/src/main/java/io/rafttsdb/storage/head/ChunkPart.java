package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.UnreadableChunks;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A chunk of the Head, as far as a captured state has it; linked to the next one of its series.
 *
 * @param ref its series
 * @param count samples of the chunk that the state has
 * @param maxMs timestamp of the last of them
 */
record ChunkPart(long ref, HeadChunk chunk, int count, long maxMs, @Nullable ChunkPart next) {

  /**
   * The chunks of a series that reach into a time range, oldest first; null where none does.
   *
   * @param ref the series
   * @param newest the series' newest chunk in the captured state, or a later one
   * @param total samples that the series has in that state
   * @param newestMs timestamp of the newest of them
   * @param toMs end of the range, inclusive
   * @param state the captured state; chunks that it does not hold are left out
   * @param deleted chunks that this covers are left out
   */
  static @Nullable ChunkPart of(
      long ref,
      HeadChunk newest,
      long total,
      long newestMs,
      long fromMs,
      long toMs,
      HeadState state,
      Intervals deleted) {
    ChunkPart first = null;
    long end = total;
    for (HeadChunk chunk = newest; chunk != null; chunk = chunk.previous()) {
      if (chunk.samplesBefore >= total) {
        continue; // begun after the captured state
      }
      long lastMs = end == total ? newestMs : chunk.closedMaxMs();
      if (lastMs < fromMs) {
        break;
      }
      if (chunk.minMs <= toMs && state.holds(chunk.minMs) && !deleted.covers(chunk.minMs, lastMs)) {
        first = new ChunkPart(ref, chunk, (int) (end - chunk.samplesBefore), lastMs, first);
      }
      end = chunk.samplesBefore;
    }
    return first;
  }

  /** These chunks and then others, all of which are later. */
  ChunkPart then(ChunkPart later) {
    return new ChunkPart(ref, chunk, count, maxMs, next == null ? later : next.then(later));
  }

  /**
   * Reads it from where it is.
   *
   * @throws UnreadableChunks where it is on disk and can't be read
   */
  SampleCursor read(ChunkLease lease) {
    try {
      return chunk.encoding().samples(lease.bytes(ref, chunk), count);
    } catch (IOException e) {
      throw new UnreadableChunks(String.valueOf(e.getMessage()), e);
    }
  }
}

package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.SampleCursor;
import org.jspecify.annotations.Nullable;

/**
 * A chunk of the Head, as far as a captured state has it; linked to the next one of its series.
 *
 * @param count samples of the chunk that the state has
 * @param maxMs timestamp of the last of them
 */
record ChunkPart(HeadChunk chunk, int count, long maxMs, @Nullable ChunkPart next) {

  /**
   * The chunks of a series that reach into a time range, oldest first; null where none does.
   *
   * @param newest the series' newest chunk in the captured state, or a later one
   * @param total samples that the series has in that state
   * @param newestMs timestamp of the newest of them
   * @param toMs end of the range, inclusive
   * @param state the captured state; chunks that it does not hold are left out
   */
  static @Nullable ChunkPart of(
      HeadChunk newest, long total, long newestMs, long fromMs, long toMs, HeadState state) {
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
      if (chunk.minMs <= toMs && state.holds(chunk.minMs)) {
        first = new ChunkPart(chunk, (int) (end - chunk.samplesBefore), lastMs, first);
      }
      end = chunk.samplesBefore;
    }
    return first;
  }

  /** These chunks and then others, all of which are later. */
  ChunkPart then(ChunkPart later) {
    return new ChunkPart(chunk, count, maxMs, next == null ? later : next.then(later));
  }

  SampleCursor read() {
    return chunk.read(count);
  }
}

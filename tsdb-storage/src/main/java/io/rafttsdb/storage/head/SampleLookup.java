package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import org.jspecify.annotations.Nullable;

/**
 * Looks for what a series has at a timestamp, so that a repeat of a sample is known as one. Sealed
 * samples are not found: which of them are in memory is this node's own matter.
 *
 * <p>Owned by the apply thread.
 */
final class SampleLookup {

  private final ApplyReads reads;

  SampleLookup(ChunkStore chunks) {
    reads = new ApplyReads(chunks);
  }

  /**
   * What is stored, compared with a sample.
   *
   * @param valueBits of a float
   * @param histogram null for a float
   */
  Stored find(
      MemSeries series,
      long timestampMs,
      long valueBits,
      @Nullable NativeHistogram histogram,
      long sealedUpToMs) {
    if (timestampMs >= sealedUpToMs) {
      Stored found = findInOrder(series, timestampMs, valueBits, histogram);
      if (found != Stored.NOTHING) {
        return found;
      }
    }
    OutOfOrder others = series.outOfOrder();
    return others == null ? Stored.NOTHING : others.find(timestampMs, valueBits, histogram);
  }

  private Stored findInOrder(
      MemSeries series, long timestampMs, long valueBits, @Nullable NativeHistogram histogram) {
    HeadChunk newest = series.newest();
    if (newest != null && timestampMs == series.newestMs()) {
      return Stored.of(series.endsWith(valueBits, histogram));
    }
    long end = series.total();
    for (HeadChunk chunk = newest; chunk != null; chunk = chunk.previous()) {
      if (timestampMs >= chunk.minMs) {
        SampleCursor samples = reads.read(series.ref, chunk, (int) (end - chunk.samplesBefore));
        return samples.seek(timestampMs) && samples.timestampMs() == timestampMs
            ? Stored.of(samples, valueBits, histogram)
            : Stored.NOTHING;
      }
      end = chunk.samplesBefore;
    }
    return Stored.NOTHING;
  }
}

package io.rafttsdb.storage.head;

import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import java.util.List;

/** Fills a Head with what an image says, piece by piece, in the image's order. For one thread. */
final class HeadRestoring {

  private final HeadContents contents;

  /**
   * @param chunks where full chunks are and go
   */
  HeadRestoring(ChunkStore chunks) {
    this.contents = new HeadContents(Head.RING_NOTES, chunks);
  }

  SeriesTable table() {
    return contents.table;
  }

  ChunkStore chunks() {
    return contents.chunks;
  }

  boolean configure(Settings settings) {
    return contents.configure(settings);
  }

  void manifest(Manifest manifest) {
    contents.manifest(manifest);
  }

  /** The bytes of labels, such as all series share that have them. */
  byte[][] share(Labels labels) {
    return contents.index.share(labels);
  }

  /** Adds a live series, in order of refs. False where its label set is there already. */
  boolean live(MemSeries series, OutOfOrder others) {
    if (contents.table.refOf(series.labels()) != SampleBatch.NO_REF) {
      return false;
    }
    contents.table.put(series);
    contents.table.register(series);
    countChunks(series);
    HeadChunk newest = series.newest();
    if (!others.isEmpty()) {
      contents.totals.pinned(1, series.ownBytes());
      contents.outOfOrder.restore(series, others);
    } else if (newest != null) {
      contents.totals.series(newest.minMs, 1, series.ownBytes());
    }
    contents.maxMs(Math.max(contents.maxMs(), series.newestMs()));
    return true;
  }

  /** Counts the chunks that a series has in the Head, in order. */
  private void countChunks(MemSeries series) {
    HeadChunk newest = series.newest();
    long end = series.total();
    for (HeadChunk chunk = newest; chunk != null; chunk = chunk.previous()) {
      int arrayBytes = chunk == newest ? series.openCapacityBytes() : chunk.lengthBytes();
      contents.totals.chunk(chunk.minMs, end - chunk.samplesBefore, arrayBytes);
      end = chunk.samplesBefore;
    }
  }

  /** Adds a series whose samples are all in sealed parts. */
  void dropped(MemSeries series) {
    contents.table.put(series);
    series.page.drop(series.ref);
  }

  /**
   * Sets the next ref, the newest timestamp and the sealing. False where a series is newer than
   * that.
   */
  boolean borders(long nextRef, long newestMs, long sealedUpToMs, List<SealedRange> waiting) {
    contents.table.nextRef(nextRef);
    boolean possible = contents.maxMs() <= newestMs;
    contents.maxMs(newestMs);
    contents.sealing.restore(sealedUpToMs, waiting);
    return possible;
  }

  /** The Head, from an image that was made after this entry. */
  Head end(
      long entryIndex, List<InOrderPart> parts, List<OutOfOrderPart> others, HeadDeletes deletes) {
    contents.sealing.restore(parts, others, deletes);
    contents.table.forEach(
        1,
        contents.table.nextRef(),
        (ref, series) -> {
          contents.index.add(ref, series.labels());
          takeUpChunks(series);
        });
    return new Head(contents, entryIndex);
  }

  /** Has those chunks brought to disk that are full and not there. */
  private void takeUpChunks(MemSeries series) {
    for (HeadChunk chunk = series.newest(); chunk != null; chunk = chunk.previous()) {
      if (chunk.bytes() != null && chunk.isClosed()) {
        contents.chunks.add(series.ref, chunk);
      }
    }
  }
}

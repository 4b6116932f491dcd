package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.model.Labels;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One series of the Head: its labels, its chunks, and the writer of the open one. It has at least
 * one sample. Its chunks go on, without a border, into those that were sealed since; a series whose
 * samples were all sealed is never changed again.
 *
 * <p>Owned by the apply thread, which publishes {@link #newest}, {@link #newestMs} and {@link
 * #total} with release, each after what it stands for. What a reader may conclude from them, {@link
 * UndoRing} says.
 */
final class MemSeries {

  /** Accounted memory of a series beside labels and chunks: objects and places in tables. */
  static final int SERIES_BYTES = 216;

  private static final VarHandle NEWEST;
  private static final VarHandle TOTAL;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      NEWEST = lookup.findVarHandle(MemSeries.class, "newest", HeadChunk.class);
      TOTAL = lookup.findVarHandle(MemSeries.class, "total", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Where its newest timestamp stands. */
  final SeriesPage page;

  final long ref;
  final Labels labels;
  private final XorWriter writer;
  private HeadChunk newest;
  private long total;

  /** End of the open chunk, exclusive. */
  private long chunkEndMs;

  /** A series with its first sample. */
  MemSeries(
      SeriesPage page, long ref, Labels labels, long timestampMs, long valueBits, long rangeMs) {
    this.page = page;
    this.ref = ref;
    this.labels = labels;
    writer = new XorWriter();
    writer.append(timestampMs, valueBits);
    newest = new HeadChunk(null, 0, timestampMs, writer.array());
    chunkEndMs = ChunkCut.rangeEndMs(timestampMs, rangeMs);
    total = 1;
    page.newestMs(ref, timestampMs);
  }

  /**
   * A series as it was, from an image.
   *
   * @param newest its open chunk; it moves to the writer's array
   * @param predictMs timestamp of its sample number {@link ChunkCut#SAMPLES_PREDICT}, if it has
   *     more than so many
   */
  MemSeries(
      SeriesPage page,
      long ref,
      Labels labels,
      HeadChunk newest,
      XorWriter writer,
      long predictMs,
      long rangeMs) {
    this.page = page;
    this.ref = ref;
    this.labels = labels;
    this.writer = writer;
    this.newest = newest;
    newest.moveTo(writer.array());
    total = newest.samplesBefore + writer.count();
    chunkEndMs = ChunkCut.rangeEndMs(newest.minMs, rangeMs);
    if (writer.count() > ChunkCut.SAMPLES_PREDICT) {
      chunkEndMs = ChunkCut.predictedEndMs(newest.minMs, predictMs, chunkEndMs);
    }
    page.newestMs(ref, writer.timestampMs());
  }

  /**
   * A series whose samples were all sealed, from an image.
   *
   * @param newest its newest chunk, closed
   */
  MemSeries(SeriesPage page, long ref, Labels labels, HeadChunk newest) {
    this.page = page;
    this.ref = ref;
    this.labels = labels;
    this.writer = new XorWriter();
    this.newest = newest;
    total = newest.samplesBefore + XorReader.countOf(newest.bytes());
    page.newestMs(ref, newest.closedMaxMs());
  }

  /**
   * Adds a sample newer than all others. For the apply thread.
   *
   * @return by how many bytes the arrays of the series' chunks grew
   */
  int append(long timestampMs, long valueBits, long rangeMs) {
    if (writer.count() == ChunkCut.SAMPLES_PREDICT) {
      chunkEndMs = ChunkCut.predictedEndMs(newest.minMs, writer.timestampMs(), chunkEndMs);
    }
    int grown = 0;
    if (ChunkCut.isDue(writer.count(), writer.sizeBytes(), chunkEndMs, timestampMs)) {
      grown = cut(timestampMs, valueBits, rangeMs);
    } else {
      int before = writer.array().length;
      writer.append(timestampMs, valueBits);
      grown = writer.array().length - before;
      if (grown > 0) {
        newest.moveTo(writer.array());
      }
    }
    page.newestMs(ref, timestampMs);
    TOTAL.setRelease(this, total + 1);
    return grown;
  }

  /** Brings what an append needs into the processor's cache. For the apply thread. */
  long touch() {
    return total + writer.touch();
  }

  private int cut(long timestampMs, long valueBits, long rangeMs) {
    int before = writer.array().length;
    byte[] closed = openBytes();
    newest.close(closed, writer.timestampMs());
    writer.begin();
    writer.append(timestampMs, valueBits);
    NEWEST.setRelease(this, new HeadChunk(newest, total, timestampMs, writer.array()));
    chunkEndMs = ChunkCut.rangeEndMs(timestampMs, rangeMs);
    return closed.length - before + writer.array().length;
  }

  /** Timestamp of the newest sample. */
  long newestMs() {
    return page.newestMs(ref);
  }

  /** Value of the newest sample. For the apply thread. */
  long newestBits() {
    return writer.valueBits();
  }

  /** Samples that the series ever got. */
  long total() {
    return (long) TOTAL.getAcquire(this);
  }

  HeadChunk newest() {
    return (HeadChunk) NEWEST.getAcquire(this);
  }

  /** Samples in the open chunk. For the apply thread. */
  int openCount() {
    return writer.count();
  }

  /** Bits used in the open chunk's array. For the apply thread. */
  int openBitLength() {
    return writer.bitLength();
  }

  /** The open chunk as it would be closed, a copy. For the apply thread. */
  byte[] openBytes() {
    return writer.toBytes();
  }

  /**
   * A chunk of this series that is never written to again, as a whole: a closed one, or the newest
   * of a series whose samples were all sealed. On any thread that knows of the sealing.
   */
  Chunk whole(HeadChunk chunk) {
    return chunk.isClosed()
        ? new Chunk(Encoding.XOR, chunk.minMs, chunk.closedMaxMs(), chunk.bytes())
        : new Chunk(Encoding.XOR, chunk.minMs, newestMs(), openBytes());
  }

  /** Timestamp of the last sample of such a chunk. */
  long maxMsOf(HeadChunk chunk) {
    return chunk.isClosed() ? chunk.closedMaxMs() : newestMs();
  }

  /** The oldest of its chunks that were not let go. For the apply thread. */
  HeadChunk oldest() {
    HeadChunk oldest = newest;
    for (HeadChunk chunk = oldest.previous(); chunk != null; chunk = chunk.previous()) {
      oldest = chunk;
    }
    return oldest;
  }

  /** Length of the open chunk's array. For the apply thread. */
  int openCapacityBytes() {
    return writer.array().length;
  }

  /** What is stored at a timestamp. */
  enum Stored {
    NOTHING,
    SAME_VALUE,
    OTHER_VALUE
  }

  /** Looks for a sample not newer than the newest. For the apply thread. */
  Stored find(long timestampMs, long valueBits) {
    if (timestampMs == writer.timestampMs()) {
      return valueBits == newestBits() ? Stored.SAME_VALUE : Stored.OTHER_VALUE;
    }
    long end = total;
    for (HeadChunk chunk = newest; chunk != null; chunk = chunk.previous()) {
      if (timestampMs >= chunk.minMs) {
        return find(chunk.read((int) (end - chunk.samplesBefore)), timestampMs, valueBits);
      }
      end = chunk.samplesBefore;
    }
    return Stored.NOTHING;
  }

  private static Stored find(XorReader samples, long timestampMs, long valueBits) {
    while (samples.next() && samples.timestampMs() <= timestampMs) {
      if (samples.timestampMs() == timestampMs) {
        return samples.valueBits() == valueBits ? Stored.SAME_VALUE : Stored.OTHER_VALUE;
      }
    }
    return Stored.NOTHING;
  }
}

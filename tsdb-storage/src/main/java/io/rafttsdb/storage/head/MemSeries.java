package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.model.Labels;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One series of the Head: its labels, its chunks, the writer of the open one, and what came out of
 * order. It has at least one sample in order or out of it. Its chunks go on, without a border, into
 * those that were sealed since; a series whose samples were all sealed is never changed again.
 *
 * <p>Owned by the apply thread, which publishes {@link #newest}, {@link #newestMs}, {@link #total}
 * and {@link #outOfOrder} with release, each after what it stands for. What a reader may conclude
 * from them, {@link UndoRing} says.
 */
final class MemSeries {

  /** Accounted memory of a series beside labels and chunks: objects and places in tables. */
  static final int SERIES_BYTES = 216;

  private static final VarHandle NEWEST;
  private static final VarHandle TOTAL;
  private static final VarHandle OUT_OF_ORDER;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      NEWEST = lookup.findVarHandle(MemSeries.class, "newest", HeadChunk.class);
      OUT_OF_ORDER = lookup.findVarHandle(MemSeries.class, "outOfOrder", OutOfOrder.class);
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
  private @Nullable HeadChunk newest;
  private long total;

  @SuppressWarnings("UnusedVariable") // read through OUT_OF_ORDER
  private @Nullable OutOfOrder outOfOrder;

  /** End of the open chunk, exclusive; long ago where there is none. */
  private long chunkEndMs = Long.MIN_VALUE;

  /** A series without samples; it gets its first one at once. */
  MemSeries(SeriesPage page, long ref, Labels labels) {
    this.page = page;
    this.ref = ref;
    this.labels = labels;
    writer = new XorWriter();
    page.newestMs(ref, Long.MIN_VALUE);
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
   * Adds a sample newer than all others. For the apply thread.
   *
   * @return by how many bytes the arrays of the series' chunks grew
   */
  int append(long timestampMs, long valueBits, long rangeMs) {
    HeadChunk open = newest;
    if (open != null && writer.count() == ChunkCut.SAMPLES_PREDICT) {
      chunkEndMs = ChunkCut.predictedEndMs(open.minMs, writer.timestampMs(), chunkEndMs);
    }
    int grown = 0;
    if (open == null
        || ChunkCut.isDue(writer.count(), writer.sizeBytes(), chunkEndMs, timestampMs)) {
      grown = cut(open, timestampMs, valueBits, rangeMs);
    } else {
      int before = writer.array().length;
      writer.append(timestampMs, valueBits);
      grown = writer.array().length - before;
      if (grown > 0) {
        open.moveTo(writer.array());
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

  private int cut(@Nullable HeadChunk open, long timestampMs, long valueBits, long rangeMs) {
    int closedBytes = 0;
    if (writer.count() > 0 && open != null) {
      int before = writer.array().length;
      byte[] closed = openBytes();
      open.close(closed, writer.timestampMs());
      closedBytes = closed.length - before;
      writer.begin();
    }
    writer.append(timestampMs, valueBits);
    NEWEST.setRelease(this, new HeadChunk(open, total, timestampMs, writer.array()));
    chunkEndMs = ChunkCut.rangeEndMs(timestampMs, rangeMs);
    return closedBytes + writer.array().length;
  }

  /** Timestamp of the newest sample in order; the smallest number where there is none. */
  long newestMs() {
    return page.newestMs(ref);
  }

  /** Value of the newest sample. For the apply thread. */
  long newestBits() {
    return writer.valueBits();
  }

  /** What came out of order and was not sealed since, or null. */
  @Nullable OutOfOrder outOfOrder() {
    return (OutOfOrder) OUT_OF_ORDER.getAcquire(this);
  }

  /** Exchanges what came out of order. For the apply thread. */
  void outOfOrder(@Nullable OutOfOrder samples) {
    OUT_OF_ORDER.setRelease(this, samples);
  }

  /** Samples that came in order, counted from any start. */
  long total() {
    return (long) TOTAL.getAcquire(this);
  }

  /** The newest chunk of samples in order, or null. */
  @Nullable HeadChunk newest() {
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

  /** The oldest of its chunks that were not let go, or null. For the apply thread. */
  @Nullable HeadChunk oldest() {
    HeadChunk oldest = newest;
    for (HeadChunk chunk = oldest; chunk != null; chunk = chunk.previous()) {
      oldest = chunk;
    }
    return oldest;
  }

  /** Puts closed chunks before all others, when an image is read. */
  void putBefore(HeadChunk chunks) {
    HeadChunk oldest = oldest();
    if (oldest == null) {
      newest = chunks;
      page.newestMs(ref, chunks.closedMaxMs());
    } else {
      oldest.previous(chunks);
    }
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

  /**
   * Looks for a sample. Sealed ones are not found: which of them are in memory is this node's own
   * matter. For the apply thread.
   */
  Stored find(long timestampMs, long valueBits, long sealedUpToMs) {
    OutOfOrder others = outOfOrder;
    if (timestampMs >= sealedUpToMs && newest != null) {
      Stored found = findInOrder(timestampMs, valueBits);
      if (found != Stored.NOTHING) {
        return found;
      }
    }
    return others == null ? Stored.NOTHING : others.find(timestampMs, valueBits);
  }

  private Stored findInOrder(long timestampMs, long valueBits) {
    if (timestampMs == newestMs()) {
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

  /** Looks for a sample among some in order of time. */
  static Stored find(XorReader samples, long timestampMs, long valueBits) {
    while (samples.next() && samples.timestampMs() <= timestampMs) {
      if (samples.timestampMs() == timestampMs) {
        return samples.valueBits() == valueBits ? Stored.SAME_VALUE : Stored.OTHER_VALUE;
      }
    }
    return Stored.NOTHING;
  }
}

package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.HistogramWriter;
import io.rafttsdb.storage.chunk.OpenHistograms;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.index.LabelBytes;
import io.rafttsdb.storage.index.LabelIndex;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleKind;
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

  /** Accounted memory of the writer of histograms and the idle one of floats, beside arrays. */
  private static final int HISTOGRAMS_BYTES = 416;

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

  /** The canonical bytes of each label, shared by the series that have it. */
  private final byte[][] labels;

  private final int ownBytes;

  /**
   * Writes the open chunk while {@link #histograms} is null, and is idle else. Each chunk has one
   * of its own, as {@link #wholeBytes} may be read while the next one begins.
   */
  private XorWriter writer;

  /** The open chunk where it is one of histograms. */
  private @Nullable OpenHistograms histograms;

  private @Nullable HeadChunk newest;
  private long total;

  @SuppressWarnings("UnusedVariable") // read through OUT_OF_ORDER
  private @Nullable OutOfOrder outOfOrder;

  /** End of the open chunk of floats, exclusive; long ago where there is none. */
  private long chunkEndMs = Long.MIN_VALUE;

  /** A series without samples; it gets its first one at once. */
  MemSeries(SeriesPage page, long ref, byte[][] labels) {
    this.page = page;
    this.ref = ref;
    this.labels = labels;
    this.ownBytes = ownBytes(labels);
    writer = new XorWriter();
    page.newestMs(ref, Long.MIN_VALUE);
  }

  /**
   * A series as it was, from an image.
   *
   * @param newest its open chunk, of histograms; it moves to the writer's array
   */
  MemSeries(SeriesPage page, long ref, byte[][] labels, HeadChunk newest, OpenHistograms open) {
    this.page = page;
    this.ref = ref;
    this.labels = labels;
    this.ownBytes = ownBytes(labels);
    this.writer = new XorWriter();
    this.newest = newest;
    histograms = open;
    newest.moveTo(open.writer().array());
    total = newest.samplesBefore + open.writer().count();
    page.newestMs(ref, open.writer().timestampMs());
  }

  /**
   * A series as it was, from an image.
   *
   * @param newest its open chunk, of floats; it moves to the writer's array
   * @param predictMs timestamp of its sample number {@link ChunkCut#SAMPLES_PREDICT}, if it has
   *     more than so many
   */
  MemSeries(
      SeriesPage page,
      long ref,
      byte[][] labels,
      HeadChunk newest,
      XorWriter writer,
      long predictMs,
      long rangeMs) {
    this.page = page;
    this.ref = ref;
    this.labels = labels;
    this.ownBytes = ownBytes(labels);
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

  private static int ownBytes(byte[][] labels) {
    int bytes = SERIES_BYTES;
    for (byte[] label : labels) {
      bytes += label.length + LabelIndex.LABEL_BYTES;
    }
    return bytes;
  }

  /** Accounted memory beside its chunks, as though it shared no label. On any thread. */
  int ownBytes() {
    return ownBytes;
  }

  /** Its label set, a new object each time. On any thread. */
  Labels labels() {
    return LabelBytes.join(labels);
  }

  /** The canonical bytes of each label, shared, not to be written to. On any thread. */
  byte[][] labelBytes() {
    return labels;
  }

  /** Whether it has this label set. On any thread. */
  boolean hasLabels(Labels wanted) {
    return LabelBytes.areOf(labels, wanted);
  }

  /**
   * Adds a float newer than all other samples. For the apply thread.
   *
   * @return by how many bytes the memory of the series' chunks grew
   */
  int append(long timestampMs, long valueBits, long rangeMs) {
    HeadChunk open = newest;
    int grown = 0;
    if (open == null || histograms != null || isDue(open, timestampMs)) {
      grown = cut(timestampMs, valueBits, rangeMs);
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

  private boolean isDue(HeadChunk open, long timestampMs) {
    if (writer.count() == ChunkCut.SAMPLES_PREDICT) {
      chunkEndMs = ChunkCut.predictedEndMs(open.minMs, writer.timestampMs(), chunkEndMs);
    }
    return ChunkCut.isDue(writer.count(), writer.sizeBytes(), chunkEndMs, timestampMs);
  }

  private int cut(long timestampMs, long valueBits, long rangeMs) {
    int closedBytes = closeOpen();
    histograms = null;
    writer = new XorWriter();
    writer.append(timestampMs, valueBits);
    link(SampleKind.FLOAT, timestampMs, writer.array());
    chunkEndMs = ChunkCut.rangeEndMs(timestampMs, rangeMs);
    return closedBytes + openCapacityBytes();
  }

  /** Closes the open chunk, if there is one: by how many bytes its memory grew. */
  private int closeOpen() {
    HeadChunk open = newest;
    if (open == null || openCount() == 0) {
      return 0;
    }
    int before = openCapacityBytes();
    byte[] closed = openBytes();
    open.close(closed, newestMs());
    return closed.length - before;
  }

  /** Publishes a new open chunk behind the one that was closed. */
  private void link(SampleKind kind, long minMs, byte[] array) {
    NEWEST.setRelease(this, new HeadChunk(Encoding.of(kind), newest, total, minMs, array));
  }

  /**
   * Adds a histogram newer than all other samples. For the apply thread.
   *
   * @param sealedUpToMs a chunk from before this time is no matter of the Head any more, so that
   *     what it says of counters has no bearing on the next one
   * @return by how many bytes the memory of the series' chunks grew
   */
  int append(long timestampMs, NativeHistogram histogram, long sealedUpToMs, long rangeMs) {
    OpenHistograms present = histograms;
    HeadChunk open = newest;
    int grown;
    if (open != null
        && open.minMs >= sealedUpToMs
        && present != null
        && present.writer().kind() == histogram.kind()) {
      grown = add(present, open, timestampMs, histogram);
    } else {
      grown = closeOpen();
      writer = new XorWriter(); // lets the array of floats go
      OpenHistograms begun = new OpenHistograms(timestampMs, histogram, rangeMs);
      histograms = begun;
      link(histogram.kind(), timestampMs, begun.writer().array());
      grown += openCapacityBytes();
    }
    page.newestMs(ref, timestampMs);
    TOTAL.setRelease(this, total + 1);
    return grown;
  }

  private int add(
      OpenHistograms histogramsOpen, HeadChunk open, long timestampMs, NativeHistogram histogram) {
    int before = openCapacityBytes();
    byte[] closed = histogramsOpen.append(timestampMs, histogram);
    byte[] array = histogramsOpen.writer().array();
    if (closed == null) {
      open.moveTo(array);
      return openCapacityBytes() - before;
    }
    open.close(closed, newestMs());
    link(histogram.kind(), timestampMs, array);
    return closed.length - before + openCapacityBytes();
  }

  /** Timestamp of the newest sample in order; the smallest number where there is none. */
  long newestMs() {
    return page.newestMs(ref);
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
    return histograms == null ? writer.count() : histograms.writer().count();
  }

  /** Bits used in the open chunk's array. For the apply thread. */
  int openBitLength() {
    return histograms == null ? writer.bitLength() : histograms.writer().bitLength();
  }

  /** The open chunk where it is one of histograms. For the apply thread. */
  @Nullable OpenHistograms openHistograms() {
    return histograms;
  }

  /** The open chunk as it would be closed, a copy. For the apply thread. */
  byte[] openBytes() {
    return histograms == null ? writer.toBytes() : histograms.writer().toBytes();
  }

  /**
   * The bytes of a sealed chunk of this series, which nobody writes to again: of a closed one, or
   * of the newest where it is sealed too, as a whole; null where they are on disk. On any thread
   * that knows of the sealing.
   *
   * <p>The newest may be closed meanwhile, where the series goes on: then its writer is another
   * one, of another array.
   */
  @SuppressWarnings("ReferenceEquality") // whether it is the writer of that very array
  byte @Nullable [] wholeBytes(HeadChunk chunk) {
    while (true) {
      byte[] bytes = chunk.bytes();
      if (bytes == null || XorReader.countOf(bytes) > 0) {
        return bytes;
      }
      OpenHistograms open = histograms;
      if (open == null) {
        XorWriter present = writer;
        if (present.array() == bytes) {
          return present.toBytes();
        }
      } else {
        HistogramWriter present = open.writer();
        if (present.array() == bytes) {
          return present.toBytes();
        }
      }
      Thread.onSpinWait();
    }
  }

  /** Timestamp of the last sample of such a chunk. */
  long maxMsOf(HeadChunk chunk) {
    long newest = newestMs();
    return chunk.isClosed() ? chunk.closedMaxMs() : newest;
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

  /**
   * Length of the open chunk's array, and the memory of what else a writer of histograms keeps. For
   * the apply thread.
   */
  int openCapacityBytes() {
    OpenHistograms open = histograms;
    return open == null
        ? writer.array().length
        : HISTOGRAMS_BYTES + open.writer().array().length + open.writer().stateBytes();
  }

  /**
   * Whether the newest sample, of a series that has one in order, is this float or this histogram.
   * For the apply thread.
   *
   * @param histogram null for a float
   */
  boolean endsWith(long valueBits, @Nullable NativeHistogram histogram) {
    OpenHistograms open = histograms;
    return open == null
        ? histogram == null && writer.valueBits() == valueBits
        : histogram != null && open.writer().newest().sameSample(histogram);
  }
}

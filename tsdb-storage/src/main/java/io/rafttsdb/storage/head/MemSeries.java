package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.OpenHistograms;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

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

  /** Accounted memory of the writer of histograms and the idle one of floats, beside arrays. */
  private static final int HISTOGRAMS_BYTES = 416;

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

  /** Writes the open chunk while {@link #histograms} is null, and is idle else. */
  private final XorWriter writer;

  /** The open chunk where it is one of histograms. */
  private @Nullable OpenHistograms histograms;

  private HeadChunk newest;
  private long total;

  /** End of the open chunk of floats, exclusive. */
  private long chunkEndMs;

  /** A series with its first sample, a float. */
  MemSeries(
      SeriesPage page, long ref, Labels labels, long timestampMs, long valueBits, long rangeMs) {
    this.page = page;
    this.ref = ref;
    this.labels = labels;
    writer = new XorWriter();
    writer.append(timestampMs, valueBits);
    newest = new HeadChunk(Encoding.XOR, null, 0, timestampMs, writer.array());
    chunkEndMs = ChunkCut.rangeEndMs(timestampMs, rangeMs);
    total = 1;
    page.newestMs(ref, timestampMs);
  }

  /** A series with its first sample, a histogram. */
  MemSeries(
      SeriesPage page,
      long ref,
      Labels labels,
      long timestampMs,
      NativeHistogram histogram,
      long rangeMs) {
    this.page = page;
    this.ref = ref;
    this.labels = labels;
    writer = new XorWriter();
    OpenHistograms open = new OpenHistograms(timestampMs, histogram, rangeMs);
    histograms = open;
    newest =
        new HeadChunk(Encoding.of(histogram.kind()), null, 0, timestampMs, open.writer().array());
    total = 1;
    page.newestMs(ref, timestampMs);
  }

  /**
   * A series as it was, from an image.
   *
   * @param newest its open chunk, of histograms; it moves to the writer's array
   */
  MemSeries(SeriesPage page, long ref, Labels labels, HeadChunk newest, OpenHistograms open) {
    this.page = page;
    this.ref = ref;
    this.labels = labels;
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
   * Adds a float newer than all other samples. For the apply thread.
   *
   * @return by how many bytes the memory of the series' chunks grew
   */
  int append(long timestampMs, long valueBits, long rangeMs) {
    int grown =
        histograms == null
            ? add(timestampMs, valueBits, rangeMs)
            : cut(timestampMs, valueBits, rangeMs);
    page.newestMs(ref, timestampMs);
    TOTAL.setRelease(this, total + 1);
    return grown;
  }

  private int add(long timestampMs, long valueBits, long rangeMs) {
    if (writer.count() == ChunkCut.SAMPLES_PREDICT) {
      chunkEndMs = ChunkCut.predictedEndMs(newest.minMs, writer.timestampMs(), chunkEndMs);
    }
    if (ChunkCut.isDue(writer.count(), writer.sizeBytes(), chunkEndMs, timestampMs)) {
      return cut(timestampMs, valueBits, rangeMs);
    }
    int before = writer.array().length;
    writer.append(timestampMs, valueBits);
    int grown = writer.array().length - before;
    if (grown > 0) {
      newest.moveTo(writer.array());
    }
    return grown;
  }

  /** Brings what an append needs into the processor's cache. For the apply thread. */
  long touch() {
    return total + writer.touch();
  }

  private int cut(long timestampMs, long valueBits, long rangeMs) {
    int before = openCapacityBytes();
    byte[] closed = openBytes();
    newest.close(closed, newestMs());
    histograms = null;
    writer.begin();
    writer.append(timestampMs, valueBits);
    link(SampleKind.FLOAT, timestampMs, writer.array());
    chunkEndMs = ChunkCut.rangeEndMs(timestampMs, rangeMs);
    return closed.length - before + openCapacityBytes();
  }

  /** Publishes a new open chunk behind the one that was closed. */
  private void link(SampleKind kind, long minMs, byte[] array) {
    NEWEST.setRelease(this, new HeadChunk(Encoding.of(kind), newest, total, minMs, array));
  }

  /**
   * Adds a histogram newer than all other samples. For the apply thread.
   *
   * @return by how many bytes the memory of the series' chunks grew
   */
  int append(long timestampMs, NativeHistogram histogram, long rangeMs) {
    int before = openCapacityBytes();
    OpenHistograms open = histograms;
    byte[] closed;
    if (open == null || open.writer().kind() != histogram.kind()) {
      closed = openBytes();
      writer.begin(); // lets the array of floats go
      open = new OpenHistograms(timestampMs, histogram, rangeMs);
      histograms = open;
    } else {
      closed = open.append(timestampMs, histogram);
    }
    byte[] array = open.writer().array();
    int closedBytes = 0;
    if (closed == null) {
      newest.moveTo(array);
    } else {
      closedBytes = closed.length;
      newest.close(closed, newestMs());
      link(histogram.kind(), timestampMs, array);
    }
    page.newestMs(ref, timestampMs);
    TOTAL.setRelease(this, total + 1);
    return closedBytes - before + openCapacityBytes();
  }

  /** Timestamp of the newest sample. */
  long newestMs() {
    return page.newestMs(ref);
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
   * A chunk of this series that is never written to again, as a whole: a closed one, or the newest
   * of a series whose samples were all sealed. On any thread that knows of the sealing.
   */
  Chunk whole(HeadChunk chunk) {
    return chunk.isClosed()
        ? new Chunk(chunk.encoding, chunk.minMs, chunk.closedMaxMs(), chunk.bytes())
        : new Chunk(chunk.encoding, chunk.minMs, newestMs(), openBytes());
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

  /** What is stored at a timestamp. */
  enum Stored {
    NOTHING,
    SAME_VALUE,
    OTHER_VALUE
  }

  /** Looks for a float not newer than the newest sample. For the apply thread. */
  Stored find(long timestampMs, long valueBits) {
    if (histograms == null && timestampMs == writer.timestampMs()) {
      return stored(valueBits == writer.valueBits());
    }
    SampleCursor sample = at(timestampMs);
    if (sample == null) {
      return Stored.NOTHING;
    }
    return stored(sample.kind() == SampleKind.FLOAT && sample.valueBits() == valueBits);
  }

  /** Looks for a histogram not newer than the newest sample. For the apply thread. */
  Stored find(long timestampMs, NativeHistogram histogram) {
    OpenHistograms open = histograms;
    if (open != null && timestampMs == open.writer().timestampMs()) {
      return stored(open.writer().newest().sameSample(histogram));
    }
    SampleCursor sample = at(timestampMs);
    if (sample == null) {
      return Stored.NOTHING;
    }
    return stored(sample.kind() == histogram.kind() && sample.histogram().sameSample(histogram));
  }

  private static Stored stored(boolean isSame) {
    return isSame ? Stored.SAME_VALUE : Stored.OTHER_VALUE;
  }

  /** Stands on the sample of a timestamp; null where there is none. */
  private @Nullable SampleCursor at(long timestampMs) {
    long end = total;
    for (HeadChunk chunk = newest; chunk != null; chunk = chunk.previous()) {
      if (timestampMs >= chunk.minMs) {
        SampleCursor samples = chunk.read((int) (end - chunk.samplesBefore));
        return samples.seek(timestampMs) && samples.timestampMs() == timestampMs ? samples : null;
      }
      end = chunk.samplesBefore;
    }
    return null;
  }
}

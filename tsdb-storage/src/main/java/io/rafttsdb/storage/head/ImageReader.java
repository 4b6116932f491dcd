package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.chunk.CorruptChunk;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.HistogramReader;
import io.rafttsdb.storage.chunk.OpenHistograms;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestCodec;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link Head} from an image (docs/format/head-image.md). Appending to it goes on exactly
 * as it would have without the image: the samples of open chunks are read, and leave the reader
 * where the writer stood.
 */
public final class ImageReader {

  /**
   * Magic, version, index; settings, next ref, newest timestamp, border, no waiting part, an empty
   * manifest, end of series, no part of either kind; footer.
   */
  private static final int SIZE_BYTES_MIN =
      ImageFormat.BODY
          + 1
          + 5 * Long.BYTES
          + 5
          + ManifestCodec.encode(Manifest.EMPTY).length
          + ImageFormat.FOOTER_BYTES;

  private final CanonicalInput input;
  private final ChunkInput chunks;
  private final HeadRestoring head;
  private long rangeMs;
  private long nextRef;
  private long sealedUpToMs;
  private final HeadDeletes.Builder headDeletes = new HeadDeletes.Builder();
  private HeadDeletes deletes = HeadDeletes.NONE;
  private final List<InOrderPart> parts = new ArrayList<>();
  private final List<OutOfOrderPart> outOfOrderParts = new ArrayList<>();

  private ImageReader(CanonicalInput input, HeadRestoring head) {
    this.input = input;
    this.chunks = new ChunkInput(input);
    this.head = head;
  }

  /** Reads a whole image that names no files. */
  public static Head read(Path file) throws IOException {
    return read(file, ChunkStore.MEMORY);
  }

  /**
   * Reads a whole image.
   *
   * @param store has the files that stood beside the image
   * @throws CorruptFile where the file is no image, or damaged, or a file of full chunks is
   */
  public static Head read(Path file, ChunkStore store) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < SIZE_BYTES_MIN) {
        throw new CorruptFile(
            file, size, "an image of at least " + SIZE_BYTES_MIN + " bytes", size + " bytes");
      }
      long footer = size - ImageFormat.FOOTER_BYTES;
      HeadRestoring head = new HeadRestoring(store);
      ImageReader reader = new ImageReader(new CanonicalInput(file, channel, footer), head);
      long index = reader.readAll();
      int expected = footerOf(file, channel, footer);
      int crc = reader.input.crc();
      if (crc != expected) {
        throw new CorruptFile(
            file,
            footer,
            "CRC32C " + Integer.toHexString(expected) + " of the bytes before",
            Integer.toHexString(crc));
      }
      store.restore(file, head.table(), reader.chunks.namedCount());
      return head.end(index, reader.parts, reader.outOfOrderParts, reader.deletes);
    }
  }

  private static int footerOf(Path file, FileChannel channel, long offset) throws IOException {
    ByteBuffer footer = ByteBuffer.allocate(ImageFormat.FOOTER_BYTES);
    while (footer.hasRemaining()) {
      if (channel.read(footer, offset + footer.position()) < 0) {
        throw new CorruptFile(file, offset, "a footer", "the end; the file became shorter");
      }
    }
    return footer.getInt(0);
  }

  private long readAll() throws IOException {
    int magic = input.u32();
    if (magic != ImageFormat.MAGIC) {
      throw input.corrupt(
          "magic " + Integer.toHexString(ImageFormat.MAGIC), Integer.toHexString(magic));
    }
    int version = input.u32();
    if (version != ImageFormat.VERSION) {
      throw input.corrupt(
          "format version " + ImageFormat.VERSION,
          "version " + version + ": upgrade this node, or take an image of its version");
    }
    long index = input.i64();
    if (index < Head.NOTHING_PUBLISHED) {
      throw input.corrupt("the index of a log entry", Long.toString(index));
    }
    readSettings();
    nextRef = input.i64();
    if (nextRef < 1 || nextRef > SeriesTable.REF_MAX) {
      throw input.corrupt("a next ref from 1 to " + SeriesTable.REF_MAX, Long.toString(nextRef));
    }
    long maxMs = input.i64();
    sealedUpToMs = input.i64();
    List<SealedRange> waiting = new ArrayList<>();
    for (int count = input.length(Integer.MAX_VALUE, "waiting parts"); count > 0; count--) {
      waiting.add(chunks.range(sealedUpToMs));
    }
    readManifest();
    readSeries(this::readHeadSeries);
    if (!head.borders(nextRef, maxMs, sealedUpToMs, waiting)) {
      throw input.corrupt("newest timestamp of the series at most " + maxMs, "a newer one");
    }
    deletes = headDeletes.build();
    readParts();
    readOutOfOrderParts();
    if (input.remaining() != 0) {
      throw input.corrupt("the footer", input.remaining() + " bytes more");
    }
    return index;
  }

  private void readManifest() throws IOException {
    byte[] bytes = input.bytes(input.length(ImageFormat.MANIFEST_BYTES_MAX, "manifest"));
    try {
      head.manifest(ManifestCodec.decode(bytes));
    } catch (IllegalArgumentException e) {
      throw input.corrupt("a manifest", String.valueOf(e.getMessage()));
    }
  }

  /** Reads what follows the ref of a series. */
  @FunctionalInterface
  private interface SeriesBody {
    void read(long ref) throws IOException;
  }

  private void readSeries(SeriesBody body) throws IOException {
    long ref = 0;
    for (long step = input.uvarint(); step != 0; step = input.uvarint()) {
      if (step < 0 || step >= nextRef - ref) {
        throw input.corrupt("a ref below " + nextRef, ref + " + " + Long.toUnsignedString(step));
      }
      ref += step;
      body.read(ref);
    }
  }

  private void readSettings() throws IOException {
    int presence = input.u8();
    long blockRangeMs = input.i64();
    long windowMs = input.i64();
    boolean absent = presence == ImageFormat.SETTINGS_ABSENT && blockRangeMs == 0 && windowMs == 0;
    if (absent) {
      return;
    }
    if (presence != ImageFormat.SETTINGS_PRESENT
        || !Settings.isValid(blockRangeMs, windowMs)
        || !head.configure(new Settings(blockRangeMs, windowMs))) {
      throw input.corrupt(
          "settings",
          "presence " + presence + ", block range " + blockRangeMs + ", window " + windowMs);
    }
    rangeMs = blockRangeMs;
  }

  private void readHeadSeries(long ref) throws IOException {
    if (rangeMs == 0) {
      throw input.corrupt("no series without settings", "a series");
    }
    Labels labels = chunks.labels();
    if (labels == null) {
      throw input.corrupt("the labels of series " + ref, "none");
    }
    MemSeries series = readInOrder(ref, labels);
    readIntervals(ref, headDeletes);
    OutOfOrder others = chunks.outOfOrder();
    if (series.newest() == null && others.isEmpty()) {
      throw input.corrupt("samples of series " + ref, "none");
    }
    if (!head.live(series, others)) {
      throw input.corrupt("each label set once", labels + " a second time");
    }
  }

  private void readIntervals(long ref, HeadDeletes.Builder deletes) throws IOException {
    for (Interval each : chunks.intervals().ranges()) {
      deletes.add(ref, each.minMs(), each.maxMs());
    }
  }

  private MemSeries readInOrder(long ref, Labels labels) throws IOException {
    long count = input.uvarint();
    if (count == 0) {
      return new MemSeries(head.table().pageFor(ref), ref, head.share(labels));
    }
    HeadChunk closed = null;
    long samples = 0;
    for (long i = 1; i < count; i++) {
      closed = chunks.closed(closed, samples, sealedUpToMs);
      samples += closed.sampleCount();
    }
    Encoding encoding = chunks.encoding();
    byte[] open = chunks.bytes(encoding);
    Place place = new Place(ref, labels, closed, samples);
    try {
      return encoding == Encoding.XOR ? resume(place, open) : resume(place, encoding, open);
    } catch (CorruptChunk e) {
      throw input.corrupt("an open chunk before", String.valueOf(e.getMessage()));
    }
  }

  private void readParts() throws IOException {
    long endMs = sealedUpToMs;
    for (int count = input.length(Integer.MAX_VALUE, "parts"); count > 0; count--) {
      SealedRange range = chunks.range(endMs);
      endMs = range.fromMs();
      RangeTotals totals = new RangeTotals(range.fromMs());
      HeadDeletes.Builder before = new HeadDeletes.Builder();
      HeadDeletes.Builder all = new HeadDeletes.Builder();
      readSeries(ref -> {
        readPartSeries(ref, range, totals);
        readIntervals(ref, before);
        readIntervals(ref, all);
      });
      deletes = deletes.and(all.build());
      parts.addFirst(
          new InOrderPart(
              range,
              head.table(),
              head.chunks(),
              nextRef,
              totals.samples,
              totals.bytes,
              before.build()));
    }
  }

  private void readPartSeries(long ref, SealedRange range, RangeTotals totals) throws IOException {
    Labels labels = chunks.labels();
    MemSeries series = knownOrDropped(ref, labels);
    HeadChunk oldest = series.oldest();
    HeadChunk newest = readSealedChunks(oldest, range, totals);
    if (oldest != null && newest.closedMaxMs() >= oldest.minMs) {
      throw input.corrupt("sealed chunks before " + oldest.minMs, "up to " + newest.closedMaxMs());
    }
    totals.bytes += labels == null ? 0 : series.ownBytes();
    series.putBefore(newest);
  }

  /** A series that stood before, or else one that is in sealed parts only. */
  private MemSeries knownOrDropped(long ref, @Nullable Labels labels) throws IOException {
    MemSeries known = head.table().series(ref);
    if (labels == null && known != null) {
      return known;
    }
    if (labels == null || known != null) {
      throw input.corrupt("labels at the first place of series " + ref, "otherwise");
    }
    MemSeries dropped = new MemSeries(head.table().pageFor(ref), ref, head.share(labels));
    head.dropped(dropped);
    return dropped;
  }

  /** The chunks of a series in a part, linked; their samples are counted before the known ones. */
  private HeadChunk readSealedChunks(
      @Nullable HeadChunk oldest, SealedRange range, RangeTotals totals) throws IOException {
    long count = input.uvarint();
    if (count < 1 || count > input.remaining()) {
      throw input.corrupt("chunks of a sealed series", Long.toUnsignedString(count));
    }
    List<HeadChunk> read = new ArrayList<>();
    long samples = 0;
    for (long i = 0; i < count; i++) {
      HeadChunk before = read.isEmpty() ? null : read.getLast();
      HeadChunk chunk = chunks.closed(before, samples, range.fromMs());
      if (chunk.closedMaxMs() >= range.upToMs()) {
        throw input.corrupt("chunks of " + range, "one up to " + chunk.closedMaxMs());
      }
      samples += chunk.sampleCount();
      totals.bytes += HeadChunk.CHUNK_BYTES + chunk.lengthBytes();
      read.add(chunk);
    }
    totals.samples += samples;
    long countedBefore = (oldest == null ? 0 : oldest.samplesBefore) - samples;
    HeadChunk newest = null;
    for (HeadChunk chunk : read) {
      newest = chunk.recounted(newest, countedBefore);
    }
    return Objects.requireNonNull(newest);
  }

  private void readOutOfOrderParts() throws IOException {
    for (int count = input.length(Integer.MAX_VALUE, "parts"); count > 0; count--) {
      SealedRange range = chunks.range(sealedUpToMs);
      List<MemSeries> series = new ArrayList<>();
      List<OutOfOrder> samples = new ArrayList<>();
      HeadDeletes.Builder later = new HeadDeletes.Builder();
      readSeries(ref -> {
        series.add(knownOrDropped(ref, chunks.labels()));
        OutOfOrder read = chunks.outOfOrder();
        if (read.isEmpty() || !read.outside(range.fromMs(), range.upToMs()).isEmpty()) {
          throw input.corrupt("samples in " + range, "none, or others");
        }
        samples.add(read);
        readIntervals(ref, later);
      });
      OutOfOrderPart.Builder part = new OutOfOrderPart.Builder(series.size());
      part.add(series.toArray(MemSeries[]::new), samples.toArray(OutOfOrder[]::new), series.size());
      outOfOrderParts.add(part.build(range).without(later.build()));
    }
  }

  /**
   * What is known of a series of the Head before its open chunk.
   *
   * @param samplesBefore in the closed chunks
   */
  private record Place(long ref, Labels labels, @Nullable HeadChunk closed, long samplesBefore) {

    HeadChunk open(Encoding encoding, long minMs, byte[] bytes) {
      return new HeadChunk(encoding, closed, samplesBefore, minMs, bytes);
    }
  }

  private MemSeries resume(Place place, byte[] open) throws IOException {
    XorReader samples = new XorReader(open, XorReader.countOf(open));
    long minMs = firstMs(place, samples);
    long newestMs = minMs;
    long predictMs = minMs;
    while (samples.next()) {
      newestMs = laterMs(samples, newestMs);
      if (samples.read() == ChunkCut.SAMPLES_PREDICT) {
        predictMs = newestMs;
      }
    }
    return new MemSeries(
        head.table().pageFor(place.ref),
        place.ref,
        head.share(place.labels),
        place.open(Encoding.XOR, minMs, open),
        samples.toWriter(),
        predictMs,
        rangeMs);
  }

  private MemSeries resume(Place place, Encoding encoding, byte[] open) throws IOException {
    HistogramReader samples = new HistogramReader(encoding.kind(), open, XorReader.countOf(open));
    long minMs = firstMs(place, samples);
    long newestMs = minMs;
    while (samples.next()) {
      newestMs = laterMs(samples, newestMs);
    }
    int planned = input.u8();
    if (planned != ImageFormat.END_PLANNED && planned != ImageFormat.END_OF_RANGE) {
      throw input.corrupt("whether an end is planned, 0 or 1", "" + planned);
    }
    boolean isPlanned = planned == ImageFormat.END_PLANNED;
    long endMs = isPlanned ? input.i64() : ChunkCut.rangeEndMs(minMs, rangeMs);
    OpenHistograms histograms =
        new OpenHistograms(samples.toWriter(), minMs, endMs, isPlanned, rangeMs);
    return new MemSeries(
        head.table().pageFor(place.ref),
        place.ref,
        head.share(place.labels),
        place.open(encoding, minMs, open),
        histograms);
  }

  private long firstMs(Place place, SampleCursor samples) throws IOException {
    samples.next();
    long minMs = samples.timestampMs();
    HeadChunk closed = place.closed;
    if (minMs < sealedUpToMs || (closed != null && minMs <= closed.closedMaxMs())) {
      throw input.corrupt("an open chunk after all others", "one from " + minMs);
    }
    return minMs;
  }

  private long laterMs(SampleCursor samples, long afterMs) throws IOException {
    if (samples.timestampMs() <= afterMs) {
      throw input.corrupt("samples in order of time", "one at " + samples.timestampMs());
    }
    return samples.timestampMs();
  }
}

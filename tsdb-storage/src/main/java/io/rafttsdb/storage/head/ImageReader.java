package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.chunk.CorruptChunk;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.HistogramReader;
import io.rafttsdb.storage.chunk.HistogramWriter;
import io.rafttsdb.storage.chunk.OpenHistograms;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestCodec;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
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
   * manifest, end of series, no part; footer.
   */
  private static final int SIZE_BYTES_MIN =
      ImageFormat.BODY
          + 1
          + 5 * Long.BYTES
          + 4
          + ManifestCodec.encode(Manifest.EMPTY).length
          + ImageFormat.FOOTER_BYTES;

  private final CanonicalInput input;
  private final Head head;
  private long rangeMs;
  private long nextRef;
  private long sealedUpToMs;
  private List<SealedPart> parts = List.of();

  private ImageReader(CanonicalInput input, Head head) {
    this.input = input;
    this.head = head;
  }

  /**
   * Reads a whole image.
   *
   * @throws CorruptFile where the file is no image, or damaged
   */
  public static Head read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < SIZE_BYTES_MIN) {
        throw new CorruptFile(
            file, size, "an image of at least " + SIZE_BYTES_MIN + " bytes", size + " bytes");
      }
      long footer = size - ImageFormat.FOOTER_BYTES;
      Head head = new Head();
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
      head.restored(index, reader.parts);
      return head;
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
      waiting.add(readRange());
    }
    readManifest();
    readSeries(this::readHeadSeries);
    if (!head.restoreBorders(nextRef, maxMs, sealedUpToMs, waiting)) {
      throw input.corrupt("newest timestamp of the series at most " + maxMs, "a newer one");
    }
    readParts();
    if (input.remaining() != 0) {
      throw input.corrupt("the footer", input.remaining() + " bytes more");
    }
    return index;
  }

  private void readManifest() throws IOException {
    byte[] bytes = input.bytes(input.length(ImageFormat.MANIFEST_BYTES_MAX, "manifest"));
    try {
      head.restoreManifest(ManifestCodec.decode(bytes));
    } catch (IllegalArgumentException e) {
      throw input.corrupt("a manifest", String.valueOf(e.getMessage()));
    }
  }

  private SealedRange readRange() throws IOException {
    Ulid ulid = new Ulid(input.i64(), input.i64());
    long fromMs = input.i64();
    long upToMs = input.i64();
    if (fromMs >= upToMs || upToMs > sealedUpToMs) {
      throw input.corrupt(
          "a sealed range up to " + sealedUpToMs, "from " + fromMs + " up to " + upToMs);
    }
    return new SealedRange(ulid, fromMs, upToMs);
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
    Labels labels = readLabels();
    if (labels == null) {
      throw input.corrupt("the labels of series " + ref, "none");
    }
    long chunks = input.uvarint();
    HeadChunk closed = null;
    long samples = 0;
    for (long i = 0; i < chunks; i++) {
      closed = readClosed(closed, samples, sealedUpToMs);
      samples += XorReader.countOf(closed.bytes());
    }
    Encoding encoding = readEncoding();
    byte[] open = readChunkBytes(encoding);
    Place place = new Place(ref, labels, closed, samples);
    MemSeries series;
    try {
      series = encoding == Encoding.XOR ? resume(place, open) : resume(place, encoding, open);
    } catch (CorruptChunk e) {
      throw input.corrupt("an open chunk before", String.valueOf(e.getMessage()));
    }
    if (!head.restore(series)) {
      throw input.corrupt("each label set once", labels + " a second time");
    }
  }

  private void readParts() throws IOException {
    List<SealedPart> read = new ArrayList<>();
    long endMs = sealedUpToMs;
    for (int count = input.length(Integer.MAX_VALUE, "parts"); count > 0; count--) {
      SealedRange range = readRange();
      if (range.upToMs() > endMs) {
        throw input.corrupt("parts up to " + endMs + ", newest first", range.toString());
      }
      endMs = range.fromMs();
      RangeTotals totals = new RangeTotals(range.fromMs());
      readSeries(ref -> readPartSeries(ref, range, totals));
      read.addFirst(new SealedPart(range, head.table(), nextRef, totals.samples, totals.bytes));
    }
    parts = List.copyOf(read);
  }

  private void readPartSeries(long ref, SealedRange range, RangeTotals totals) throws IOException {
    Labels labels = readLabels();
    MemSeries known = head.table().series(ref);
    if ((labels == null) != (known != null)) {
      throw input.corrupt("labels at the first place of series " + ref, "otherwise");
    }
    HeadChunk newest = readSealedChunks(known, range, totals);
    if (labels != null) {
      MemSeries series = new MemSeries(head.table().pageFor(ref), ref, labels, newest);
      head.restoreDropped(series);
      totals.bytes += Head.bytesOf(series);
    } else if (known != null) {
      HeadChunk oldest = known.oldest();
      if (newest.closedMaxMs() >= oldest.minMs) {
        throw input.corrupt(
            "sealed chunks before " + oldest.minMs, "up to " + newest.closedMaxMs());
      }
      oldest.previous(newest);
    }
  }

  /** The chunks of a series in a part, linked; their samples are counted before the known ones. */
  private HeadChunk readSealedChunks(
      @Nullable MemSeries known, SealedRange range, RangeTotals totals) throws IOException {
    long chunks = input.uvarint();
    if (chunks < 1 || chunks > input.remaining()) {
      throw input.corrupt("chunks of a sealed series", Long.toUnsignedString(chunks));
    }
    List<HeadChunk> read = new ArrayList<>();
    long samples = 0;
    for (long i = 0; i < chunks; i++) {
      HeadChunk before = read.isEmpty() ? null : read.getLast();
      HeadChunk chunk = readClosed(before, samples, range.fromMs());
      if (chunk.closedMaxMs() >= range.upToMs()) {
        throw input.corrupt("chunks of " + range, "one up to " + chunk.closedMaxMs());
      }
      samples += XorReader.countOf(chunk.bytes());
      totals.bytes += HeadChunk.CHUNK_BYTES + chunk.bytes().length;
      read.add(chunk);
    }
    totals.samples += samples;
    long countedBefore = (known == null ? 0 : known.oldest().samplesBefore) - samples;
    HeadChunk newest = null;
    for (HeadChunk chunk : read) {
      newest = chunk.recounted(newest, countedBefore);
    }
    return Objects.requireNonNull(newest);
  }

  /** A label set, or null where it stood before. */
  private @Nullable Labels readLabels() throws IOException {
    int length = input.length(ImageFormat.LABELS_BYTES_MAX, "a label set");
    if (length == ImageFormat.LABELS_KNOWN) {
      return null;
    }
    try {
      return Labels.fromCanonical(input.bytes(length - 1));
    } catch (IllegalArgumentException e) {
      throw input.corrupt("canonical labels before", String.valueOf(e.getMessage()));
    }
  }

  private Encoding readEncoding() throws IOException {
    try {
      return Encoding.of(input.u8());
    } catch (CorruptChunk e) {
      throw input.corrupt("a chunk's encoding before", String.valueOf(e.getMessage()));
    }
  }

  private byte[] readChunkBytes(Encoding encoding) throws IOException {
    boolean floats = encoding == Encoding.XOR;
    int header = floats ? XorWriter.HEADER_BYTES : HistogramWriter.HEADER_BYTES;
    int length =
        input.length(
            floats ? ChunkCut.SIZE_BYTES_MAX : ImageFormat.HISTOGRAMS_BYTES_MAX, "a chunk");
    if (length <= header) {
      throw input.corrupt("a chunk with samples", length + " bytes");
    }
    byte[] bytes = input.bytes(length);
    int count = XorReader.countOf(bytes);
    int countMax = floats ? ChunkCut.SAMPLES_MAX : HistogramWriter.SAMPLES_MAX;
    if (count < 1 || count > countMax) {
      throw input.corrupt("a chunk of 1 to " + countMax + " samples", count + "");
    }
    return bytes;
  }

  private HeadChunk readClosed(@Nullable HeadChunk previous, long samplesBefore, long fromMs)
      throws IOException {
    Encoding encoding = readEncoding();
    long minMs = input.zigzag();
    long maxMs = minMs + input.uvarint();
    if (maxMs < minMs || minMs < fromMs || (previous != null && minMs <= previous.closedMaxMs())) {
      throw input.corrupt(
          "chunks in order of time from " + fromMs + " on", "one from " + minMs + " to " + maxMs);
    }
    byte[] bytes = readChunkBytes(encoding);
    HeadChunk chunk = new HeadChunk(encoding, previous, samplesBefore, minMs, bytes);
    chunk.close(bytes, maxMs);
    return chunk;
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
        place.labels,
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
        place.labels,
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

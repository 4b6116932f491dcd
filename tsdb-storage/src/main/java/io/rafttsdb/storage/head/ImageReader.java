package io.rafttsdb.storage.head;

import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.chunk.CorruptChunk;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link Head} from an image (docs/format/head-image.md). Appending to it goes on exactly
 * as it would have without the image: the samples of open chunks are read, and leave the reader
 * where the writer stood.
 */
public final class ImageReader {

  /** Magic, version, index, settings, nextRef, newest timestamp, end of series, footer. */
  private static final int SIZE_BYTES_MIN =
      ImageFormat.BODY + 1 + 4 * Long.BYTES + 1 + ImageFormat.FOOTER_BYTES;

  private final CanonicalInput input;
  private final Head head;
  private long rangeMs;

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
      head.restored(index);
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
    long nextRef = input.i64();
    long maxMs = input.i64();
    long ref = 0;
    for (long step = input.uvarint(); step != 0; step = input.uvarint()) {
      ref++;
      if (step != 1 || ref >= nextRef) {
        throw input.corrupt("series " + ref + " below " + nextRef, "a step of " + step);
      }
      readSeries();
    }
    if (ref + 1 != nextRef) {
      throw input.corrupt((nextRef - 1) + " series", Long.toString(ref));
    }
    if (!head.restoreMaxMs(maxMs)) {
      throw input.corrupt("newest timestamp of the series at most " + maxMs, "a newer one");
    }
    if (input.remaining() != 0) {
      throw input.corrupt("the footer", input.remaining() + " bytes more");
    }
    return index;
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

  private void readSeries() throws IOException {
    if (rangeMs == 0) {
      throw input.corrupt("no series without settings", "a series");
    }
    Labels labels = readLabels();
    long chunks = input.uvarint();
    HeadChunk closed = null;
    long samples = 0;
    for (long i = 0; i < chunks; i++) {
      closed = readClosed(closed, samples);
      samples += XorReader.countOf(closed.bytes());
    }
    byte[] open = readChunk();
    MemSeries series = resume(labels, closed, samples, open);
    if (!head.restore(series)) {
      throw input.corrupt("each label set once", labels + " a second time");
    }
  }

  private Labels readLabels() throws IOException {
    int length = input.length(ImageFormat.LABELS_BYTES_MAX, "a label set");
    try {
      return Labels.fromCanonical(input.bytes(length));
    } catch (IllegalArgumentException e) {
      throw input.corrupt("canonical labels before", String.valueOf(e.getMessage()));
    }
  }

  private byte[] readChunk() throws IOException {
    int length = input.length(ChunkCut.SIZE_BYTES_MAX, "a chunk");
    if (length <= XorWriter.HEADER_BYTES) {
      throw input.corrupt("a chunk with samples", length + " bytes");
    }
    byte[] bytes = input.bytes(length);
    int count = XorReader.countOf(bytes);
    if (count < 1 || count > ChunkCut.SAMPLES_MAX) {
      throw input.corrupt("a chunk of 1 to " + ChunkCut.SAMPLES_MAX + " samples", count + "");
    }
    return bytes;
  }

  private HeadChunk readClosed(@Nullable HeadChunk previous, long samplesBefore)
      throws IOException {
    long minMs = input.zigzag();
    long maxMs = minMs + input.uvarint();
    if (maxMs < minMs || (previous != null && minMs <= previous.closedMaxMs())) {
      throw input.corrupt("chunks in order of time", "one from " + minMs + " to " + maxMs);
    }
    byte[] bytes = readChunk();
    HeadChunk chunk = new HeadChunk(previous, samplesBefore, minMs, bytes);
    chunk.close(bytes, maxMs);
    return chunk;
  }

  private MemSeries resume(Labels labels, @Nullable HeadChunk closed, long before, byte[] open)
      throws IOException {
    XorReader samples = new XorReader(open, XorReader.countOf(open));
    try {
      samples.next();
      long minMs = samples.timestampMs();
      if (closed != null && minMs <= closed.closedMaxMs()) {
        throw input.corrupt("an open chunk after " + closed.closedMaxMs(), "one from " + minMs);
      }
      long newestMs = minMs;
      long predictMs = minMs;
      while (samples.next()) {
        if (samples.timestampMs() <= newestMs) {
          throw input.corrupt("samples in order of time", "sample " + samples.read());
        }
        newestMs = samples.timestampMs();
        if (samples.read() == ChunkCut.SAMPLES_PREDICT) {
          predictMs = newestMs;
        }
      }
      HeadChunk newest = new HeadChunk(closed, before, minMs, open);
      return new MemSeries(labels, newest, samples.toWriter(), predictMs, rangeMs);
    } catch (CorruptChunk e) {
      throw input.corrupt("an open chunk before", String.valueOf(e.getMessage()));
    }
  }
}

package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkCut;
import io.rafttsdb.storage.chunk.CorruptChunk;
import io.rafttsdb.storage.chunk.Encoding;
import io.rafttsdb.storage.chunk.HistogramWriter;
import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.chunk.XorWriter;
import io.rafttsdb.storage.head.HeadChunk.DiskChunk;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.HistogramEncoding;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.spill.SpillPlace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the pieces that a Head image consists of; whatever is wrong is a {@link CorruptFile}. For
 * one thread.
 */
final class ChunkInput {

  private final CanonicalInput input;
  private long namedCount;

  ChunkInput(CanonicalInput input) {
    this.input = input;
  }

  /** A range of a kind that ends at or before a time. */
  SealedRange range(long upToMs) throws IOException {
    Ulid ulid = new Ulid(input.i64(), input.i64());
    int kind = input.u8();
    long startMs = input.i64();
    long endMs = input.i64();
    if (startMs >= endMs || endMs > upToMs) {
      throw input.corrupt("a sealed range up to " + upToMs, "from " + startMs + " up to " + endMs);
    }
    return switch (kind) {
      case ImageFormat.KIND_IN_ORDER ->
          new SealedRange(ulid, SealedRange.Kind.IN_ORDER, startMs, endMs);
      case ImageFormat.KIND_OUT_OF_ORDER ->
          new SealedRange(ulid, SealedRange.Kind.OUT_OF_ORDER, startMs, endMs);
      default -> throw input.corrupt("a kind of range, 0 or 1", Integer.toString(kind));
    };
  }

  /** A label set, or null where it stood before. */
  @Nullable Labels labels() throws IOException {
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

  /** The encoding of the chunk that follows. */
  Encoding encoding() throws IOException {
    try {
      return Encoding.of(input.u8());
    } catch (CorruptChunk e) {
      throw input.corrupt("a chunk's encoding before", String.valueOf(e.getMessage()));
    }
  }

  /** A chunk without its encoding and times. */
  byte[] bytes(Encoding encoding) throws IOException {
    int length = input.length(lengthMax(encoding), "a chunk");
    checkLength(encoding, length);
    byte[] bytes = input.bytes(length);
    checkCount(encoding, XorReader.countOf(bytes));
    return bytes;
  }

  private static int lengthMax(Encoding encoding) {
    return encoding == Encoding.XOR ? ChunkCut.SIZE_BYTES_MAX : ImageFormat.HISTOGRAMS_BYTES_MAX;
  }

  private void checkLength(Encoding encoding, long length) throws CorruptFile {
    int header = encoding == Encoding.XOR ? XorWriter.HEADER_BYTES : HistogramWriter.HEADER_BYTES;
    if (length <= header || length > lengthMax(encoding)) {
      throw input.corrupt(
          "a chunk with samples of at most " + lengthMax(encoding) + " bytes", length + " bytes");
    }
  }

  private void checkCount(Encoding encoding, long count) throws CorruptFile {
    int max = encoding == Encoding.XOR ? ChunkCut.SAMPLES_MAX : HistogramWriter.SAMPLES_MAX;
    if (count < 1 || count > max) {
      throw input.corrupt("a chunk of 1 to " + max + " samples", Long.toUnsignedString(count));
    }
  }

  /** A closed chunk of samples in order, none before a time, after another one. */
  HeadChunk closed(@Nullable HeadChunk previous, long samplesBefore, long fromMs)
      throws IOException {
    Times times = times();
    if (times.minMs < fromMs || (previous != null && times.minMs <= previous.closedMaxMs())) {
      throw input.corrupt("chunks in order of time from " + fromMs + " on", "one of " + times);
    }
    long count = input.uvarint();
    checkCount(times.encoding, count);
    long length = input.uvarint();
    checkLength(times.encoding, length);
    int checksum = input.u32();
    long place = input.uvarint();
    DiskChunk known = new DiskChunk(place, (int) count, (int) length, checksum);
    if (place != ImageFormat.CARRIED) {
      checkNamed(place, length);
      namedCount++;
      return HeadChunk.onDisk(
          times.encoding, previous, samplesBefore, times.minMs, times.maxMs, known);
    }
    byte[] bytes = carried(known);
    HeadChunk closed = new HeadChunk(times.encoding, previous, samplesBefore, times.minMs, bytes);
    closed.close(bytes, times.maxMs);
    return closed;
  }

  private void checkNamed(long place, long length) throws CorruptFile {
    if (place < 0 || !SpillPlace.isPossible(place) || length > HeadChunk.DISK_BYTES_MAX) {
      throw input.corrupt(
          "a place of a chunk of at most " + HeadChunk.DISK_BYTES_MAX + " bytes",
          "place " + Long.toUnsignedString(place) + " of " + length + " bytes");
    }
  }

  private byte[] carried(DiskChunk expected) throws IOException {
    if (expected.lengthBytes() > input.remaining()) {
      throw input.corrupt(
          "a chunk of " + expected.lengthBytes() + " bytes", input.remaining() + " bytes");
    }
    byte[] bytes = input.bytes(expected.lengthBytes());
    DiskChunk found = DiskChunk.of(ImageFormat.CARRIED, bytes);
    if (!found.equals(expected)) {
      throw input.corrupt(expected + " before", found.toString());
    }
    return bytes;
  }

  /** Chunks read so far that are on disk. */
  long namedCount() {
    return namedCount;
  }

  private record Times(Encoding encoding, long minMs, long maxMs) {}

  private Times times() throws IOException {
    Encoding encoding = encoding();
    long minMs = input.zigzag();
    long spanMs = input.uvarint();
    long maxMs = minMs + spanMs;
    if (maxMs < minMs || spanMs < 0 || spanMs > ImageFormat.CHUNK_SPAN_MAX_MS) {
      throw input.corrupt("a chunk's times", "from " + minMs + " to " + maxMs);
    }
    return new Times(encoding, minMs, maxMs);
  }

  private Chunk chunkOutOfOrder() throws IOException {
    Times times = times();
    return new Chunk(times.encoding, times.minMs, times.maxMs, bytes(times.encoding));
  }

  /** What a series has out of order; every sample is looked at. */
  OutOfOrder outOfOrder() throws IOException {
    List<Chunk> chunks = new ArrayList<>();
    for (long left = input.uvarint(); left != 0; left--) {
      Chunk chunk = chunkOutOfOrder();
      check(chunk);
      chunks.add(chunk);
    }
    SampleBuffer buffer = buffer();
    return new OutOfOrder(List.copyOf(chunks), buffer, intervals());
  }

  private SampleBuffer buffer() throws IOException {
    int count = input.length(OutOfOrder.BUFFER_SAMPLES - 1, "a buffer");
    SampleBuffer.Builder buffer = new SampleBuffer.Builder(count);
    long lastMs = Long.MIN_VALUE;
    for (int i = 0; i < count; i++) {
      long timestampMs = input.i64();
      if (i > 0 && timestampMs <= lastMs) {
        throw input.corrupt("a buffer in order of time", timestampMs + " after " + lastMs);
      }
      int length = input.length(ImageFormat.HISTOGRAMS_BYTES_MAX, "a histogram");
      if (length == ImageFormat.FLOAT) {
        buffer.add(timestampMs, input.i64(), null);
      } else {
        buffer.add(timestampMs, 0, histogram(length));
      }
      lastMs = timestampMs;
    }
    return buffer.build();
  }

  private NativeHistogram histogram(int length) throws IOException {
    try {
      return HistogramEncoding.decode(input.bytes(length));
    } catch (IllegalArgumentException e) {
      throw input.corrupt("a histogram before", String.valueOf(e.getMessage()));
    }
  }

  /** Intervals in order of time that do not touch each other. */
  Intervals intervals() throws IOException {
    List<Interval> read = new ArrayList<>();
    for (long left = input.uvarint(); left != 0; left--) {
      long minMs = input.i64();
      long maxMs = input.i64();
      long beforeMs = read.isEmpty() ? Long.MIN_VALUE : read.getLast().maxMs();
      if (minMs > maxMs || (!read.isEmpty() && (minMs <= beforeMs || minMs - 1 == beforeMs))) {
        throw input.corrupt("an interval after " + beforeMs, minMs + " to " + maxMs);
      }
      read.add(new Interval(minMs, maxMs));
    }
    return read.isEmpty() ? Intervals.NONE : new Intervals(read);
  }

  private void check(Chunk chunk) throws CorruptFile {
    try {
      SampleCursor samples = chunk.samples();
      samples.next();
      boolean isSound = samples.timestampMs() == chunk.minMs();
      long lastMs = samples.timestampMs();
      while (samples.next()) {
        isSound &= samples.timestampMs() > lastMs;
        lastMs = samples.timestampMs();
      }
      if (!isSound || lastMs != chunk.maxMs()) {
        throw input.corrupt(
            "samples from " + chunk.minMs() + " to " + chunk.maxMs(), "others in the chunk before");
      }
    } catch (CorruptChunk e) {
      throw input.corrupt("a chunk before", String.valueOf(e.getMessage()));
    }
  }
}

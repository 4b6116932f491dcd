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
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.HistogramEncoding;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Ulid;
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

  /** A closed chunk of samples in order, none before a time, after another one. */
  HeadChunk closed(@Nullable HeadChunk previous, long samplesBefore, long fromMs)
      throws IOException {
    Chunk chunk = timedChunk();
    if (chunk.minMs() < fromMs || (previous != null && chunk.minMs() <= previous.closedMaxMs())) {
      throw input.corrupt(
          "chunks in order of time from " + fromMs + " on",
          "one from " + chunk.minMs() + " to " + chunk.maxMs());
    }
    HeadChunk closed =
        new HeadChunk(chunk.encoding(), previous, samplesBefore, chunk.minMs(), chunk.data());
    closed.close(chunk.data(), chunk.maxMs());
    return closed;
  }

  private Chunk timedChunk() throws IOException {
    Encoding encoding = encoding();
    long minMs = input.zigzag();
    long maxMs = minMs + input.uvarint();
    if (maxMs < minMs) {
      throw input.corrupt("a chunk's times", "from " + minMs + " to " + maxMs);
    }
    return new Chunk(encoding, minMs, maxMs, bytes(encoding));
  }

  /** What a series has out of order; every sample is looked at. */
  OutOfOrder outOfOrder() throws IOException {
    List<Chunk> chunks = new ArrayList<>();
    for (long left = input.uvarint(); left != 0; left--) {
      Chunk chunk = timedChunk();
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

package io.rafttsdb.storage.head;

import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.block.Intervals.Interval;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkEncoder;
import io.rafttsdb.storage.merge.ChunkCursor;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The samples of a series that came out of order: an open buffer, sorted, in which floats and
 * histograms may stand side by side, and chunks made of full buffers, one for each run of samples
 * that can be in one, which may overlap each other but never cross a border of block ranges. As
 * Prometheus has it (tsdb/ooo_head.go), with copies in place of locks: immutable, so a reader keeps
 * the one that it captured.
 */
final class OutOfOrder {

  /** Samples of a full buffer. */
  static final int BUFFER_SAMPLES = 32;

  static final OutOfOrder NONE = new OutOfOrder(List.of(), SampleBuffer.EMPTY, Intervals.NONE);

  private final List<Chunk> chunks;
  private final SampleBuffer buffer;
  private final Intervals deleted;
  private final long oldestMs;
  private final long newestMs;
  private final long bytes;
  private final int sampleCount;
  private final int chunkCount;

  /**
   * @param chunks in the order in which they were closed
   * @param buffer of fewer than {@link #BUFFER_SAMPLES}
   * @param deleted what of them is not to be seen
   */
  OutOfOrder(List<Chunk> chunks, SampleBuffer buffer, Intervals deleted) {
    this.chunks = chunks;
    this.buffer = buffer;
    this.deleted = deleted;
    int count = buffer.count();
    long oldest = count == 0 ? Long.MAX_VALUE : buffer.timestampMs(0);
    long newest = count == 0 ? Long.MIN_VALUE : buffer.timestampMs(count - 1);
    long size = buffer.bytes();
    for (Chunk chunk : chunks) {
      oldest = Math.min(oldest, chunk.minMs());
      newest = Math.max(newest, chunk.maxMs());
      size += chunk.data().length + HeadChunk.CHUNK_BYTES;
      count += chunk.sampleCount();
    }
    oldestMs = oldest;
    newestMs = newest;
    bytes = size;
    sampleCount = count;
    chunkCount = chunks.size();
  }

  List<Chunk> chunks() {
    return chunks;
  }

  SampleBuffer buffer() {
    return buffer;
  }

  Intervals deleted() {
    return deleted;
  }

  /** These, with what was deleted besides. */
  OutOfOrder without(Intervals more) {
    Intervals all = deleted;
    for (Interval each : more.ranges()) {
      all = all.with(each.minMs(), each.maxMs());
    }
    return all.equals(deleted) ? this : new OutOfOrder(chunks, buffer, all);
  }

  /** These after a deletion of [fromMs, toMs], which is about the samples that are there. */
  OutOfOrder delete(long fromMs, long toMs) {
    long minMs = Math.max(fromMs, oldestMs);
    long maxMs = Math.min(toMs, newestMs);
    return minMs > maxMs ? this : without(Intervals.NONE.with(minMs, maxMs));
  }

  boolean isEmpty() {
    return sampleCount == 0;
  }

  int sampleCount() {
    return sampleCount;
  }

  int chunkCount() {
    return chunkCount;
  }

  /** Accounted memory. */
  long bytes() {
    return bytes;
  }

  /** Does something with every timestamp, in no order. */
  void forEachTime(LongConsumer action) {
    for (SampleCursor samples = buffer.samples(); samples.next(); ) {
      action.accept(samples.timestampMs());
    }
    for (Chunk chunk : chunks) {
      for (SampleCursor samples = chunk.samples(); samples.next(); ) {
        action.accept(samples.timestampMs());
      }
    }
  }

  /**
   * What is stored at a timestamp, compared with a sample.
   *
   * @param valueBits of a float
   * @param histogram null for a float
   */
  Stored find(long timestampMs, long valueBits, @Nullable NativeHistogram histogram) {
    int place = buffer.find(timestampMs);
    if (place >= 0) {
      NativeHistogram there = buffer.histogram(place);
      boolean isSame =
          there == null
              ? histogram == null && buffer.valueBits(place) == valueBits
              : histogram != null && there.sameSample(histogram);
      return Stored.of(isSame);
    }
    for (Chunk chunk : chunks) {
      if (chunk.minMs() <= timestampMs && timestampMs <= chunk.maxMs()) {
        SampleCursor samples = chunk.samples();
        if (samples.seek(timestampMs) && samples.timestampMs() == timestampMs) {
          return Stored.of(samples, valueBits, histogram);
        }
      }
    }
    return Stored.NOTHING;
  }

  /**
   * These and one more sample, at a timestamp where none is: it is seen, whatever was deleted there
   * before it came.
   *
   * @param valueBits of a float
   * @param histogram null for a float
   */
  OutOfOrder with(
      long timestampMs, long valueBits, @Nullable NativeHistogram histogram, long rangeMs) {
    SampleBuffer longer = buffer.with(timestampMs, valueBits, histogram);
    Intervals rest = deleted.without(timestampMs);
    if (longer.count() < BUFFER_SAMPLES) {
      return new OutOfOrder(chunks, longer, rest);
    }
    List<Chunk> more = new ArrayList<>(chunks);
    more.addAll(encode(longer.samples(), rangeMs));
    return new OutOfOrder(List.copyOf(more), SampleBuffer.EMPTY, rest);
  }

  /** What of these lies in [fromMs, upToMs), both aligned. */
  OutOfOrder between(long fromMs, long upToMs) {
    if (isInside(fromMs, upToMs)) {
      return this;
    }
    return mayReach(fromMs, upToMs) ? select(time -> time >= fromMs && time < upToMs) : NONE;
  }

  /** What of these lies outside of [fromMs, upToMs), both aligned. */
  OutOfOrder outside(long fromMs, long upToMs) {
    if (isInside(fromMs, upToMs)) {
      return NONE;
    }
    return mayReach(fromMs, upToMs) ? select(time -> time < fromMs || time >= upToMs) : this;
  }

  /** Whether all of these, of which there are some, lie in [fromMs, upToMs). */
  private boolean isInside(long fromMs, long upToMs) {
    return fromMs <= oldestMs && newestMs < upToMs;
  }

  /** Whether some of these may lie in [fromMs, upToMs). */
  private boolean mayReach(long fromMs, long upToMs) {
    return oldestMs < upToMs && fromMs <= newestMs;
  }

  private OutOfOrder select(LongPredicate isWanted) {
    List<Chunk> some = chunks.stream().filter(chunk -> isWanted.test(chunk.minMs())).toList();
    SampleBuffer rest = buffer.where(isWanted);
    return some.isEmpty() && rest.isEmpty() ? NONE : new OutOfOrder(some, rest, deleted);
  }

  /**
   * Whether a chunk, or what of the buffer would become one, reaches into [minMs, maxMs] and is not
   * deleted.
   */
  boolean reaches(long minMs, long maxMs, long rangeMs) {
    for (Chunk chunk : chunks) {
      if (chunk.minMs() <= maxMs
          && chunk.maxMs() >= minMs
          && !deleted.covers(chunk.minMs(), chunk.maxMs())) {
        return true;
      }
    }
    for (int start = 0; start < buffer.count(); ) {
      int end = buffer.runEnd(start, rangeMs);
      long firstMs = buffer.timestampMs(start);
      long lastMs = buffer.timestampMs(end - 1);
      if (firstMs <= maxMs && lastMs >= minMs && !deleted.covers(firstMs, lastMs)) {
        return true;
      }
      start = end;
    }
    return false;
  }

  /** All samples as chunks that follow each other, none across a border of block ranges. */
  List<Chunk> merged(long rangeMs) {
    SampleBuffer.Builder all = new SampleBuffer.Builder(sampleCount);
    all.addAll(buffer.samples());
    for (Chunk chunk : chunks) {
      all.addAll(chunk.samples());
    }
    return encode(all.build().samples(), rangeMs);
  }

  /** Walks the samples of [minMs, maxMs] that are not deleted. */
  SampleCursor cursor(long minMs, long maxMs, long rangeMs) {
    return new ChunkCursor(
        new ChunkSeries(
            Labels.EMPTY, merged(rangeMs).stream().map(LoadedChunk::new).toList(), deleted),
        minMs,
        maxMs);
  }

  private static List<Chunk> encode(SampleCursor samples, long rangeMs) {
    ChunkEncoder encoder = new ChunkEncoder(samples, rangeMs);
    List<Chunk> encoded = new ArrayList<>();
    for (Chunk chunk = encoder.next(); chunk != null; chunk = encoder.next()) {
      encoded.add(chunk);
    }
    return encoded;
  }

  /** These or, where there are none, null. */
  @Nullable OutOfOrder orNull() {
    return isEmpty() ? null : this;
  }
}
